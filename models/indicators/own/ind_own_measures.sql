-- Measures (insatser) by the school year in which they start. What is counted are measures, not persons.

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

)

{% for indicator, outcome in [
    ('own_measures_followed_up', "status = 'ok'"),
    ('own_measures_with_indicator', 'measure_id is not null')
] -%}
select
    {{ entity_columns('measures') }},
    measures.school_year,
    '{{ indicator }}_share__level' as indicator_id,
    'all' as group_id,
    count(*) as persons,
    cast(null as bigint) as total,
    cast(count(*) filter (where measures.{{ outcome }}) as decimal(18, 4)) as numerator,
    cast(count(*) as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(distinct measures.unit_key) as n_units,
    bool_or(measures.is_made_up) as is_made_up
from measures
{{ unit_and_above('measures', ['school_year']) }}
{{- '\n\nunion all\n\n' if not loop.last }}
{% endfor -%}
