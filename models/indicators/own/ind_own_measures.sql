-- Measures (insatser) by the school year in which they start. What is counted are measures, not persons:
-- there is nothing to hide.

with measures as (

    select
        improvement.*,
        {{ school_year_of('improvement.starts_on') }} as school_year,
        units.municipality_code,
        units.area_key
    from {{ ref('fct_improvement_measure') }} as improvement
    inner join {{ ref('dim_unit') }} as units
        on
            improvement.unit_key = units.unit_key
            and units.is_current
    where improvement.starts_on is not null

),

counted as (

    {% for measure_id, outcome in [
        ('own_measures_followed_up_share', "status = 'ok'"),
        ('own_measures_with_indicator_share', 'measure_id is not null')
    ] -%}
    select
        {{ entity_columns('measures') }},
        measures.school_year,
        '{{ measure_id }}__measures' as indicator_id,
        cast(count(*) filter (where measures.{{ outcome }}) as decimal(18, 4)) as numerator,
        cast(count(*) as decimal(18, 4)) as denominator,
        count(distinct measures.unit_key) as n_units,
        bool_or(measures.is_made_up) as is_made_up
    from measures
    {{ unit_and_above('measures', ['school_year']) }}
    {{- '\n\n    union all\n\n    ' if not loop.last }}
    {%- endfor %}

)

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    indicator_id,
    'all' as group_id,
    numerator,
    denominator,
    100 * cast(numerator as double) / cast(denominator as double) as value,
    cast(1 as double) as coverage,
    'ok' as status,
    n_units,
    is_made_up
from counted
