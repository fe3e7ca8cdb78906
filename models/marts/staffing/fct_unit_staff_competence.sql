with figures as (

    select * from {{ ref('int_staffing__competence') }}
    where entity_type = 'unit'

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    figures.entity_key as unit_key,
    figures.school_year,
    figures.measure_id,
    figures.subject_code,
    figures.stage,
    figures.n_persons,
    figures.numerator,
    figures.denominator,
    figures.value,
    figures.coverage,
    figures.status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.entity_key = units.unit_key
