-- Pupils on 15 October in preschool class and school; children in preschool and educare are left out. A pupil
-- in two school forms or two units is one pupil of the municipality.

with october as (

    select * from {{ ref('fct_pupil_october') }}
    where school_form not in ('fs', 'fth')

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

grouped as (

    select
        units.municipality_code,
        units.area_key,
        october.*,
        unnest(['all', 'sex_' || october.sex]) as group_id
    from october
    inner join units
        on october.unit_key = units.unit_key

),

-- Who is counted among whom: of those whose answer is known.
figures as (

    {% for indicator, dimension, value in [
        ('own_parents_higher', 'parents_education', 'higher'),
        ('own_parents_compulsory', 'parents_education', 'compulsory'),
        ('own_foreign_background', 'foreign_background', 'yes'),
        ('own_newly_arrived', 'newly_arrived', 'yes'),
        ('own_newly_immigrated', 'newly_immigrated', 'yes')
    ] -%}
    select
        {{ entity_columns('grouped') }},
        grouped.school_year,
        '{{ indicator }}_share__level' as indicator_id,
        grouped.group_id,
        count(distinct grouped.person_key) as n_pupils,
        count(distinct grouped.person_key) filter (where grouped.{{ dimension }} <> 'unknown') as n_known,
        count(distinct grouped.person_key) filter (where grouped.{{ dimension }} = '{{ value }}')
            as n_counted,
        count(distinct grouped.unit_key) as n_units,
        bool_or(grouped.is_made_up) as is_made_up
    from grouped
    {{ unit_and_above('grouped', ['school_year', 'group_id']) }}
    {{- '\n\n    union all\n\n    ' if not loop.last }}
    {%- endfor %}

)

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    indicator_id,
    group_id,
    n_known as persons,
    cast(null as bigint) as total,
    cast(n_counted as decimal(18, 4)) as numerator,
    cast(n_known as decimal(18, 4)) as denominator,
    cast(n_known as double) / nullif(n_pupils, 0) as coverage,
    n_units,
    is_made_up
from figures
