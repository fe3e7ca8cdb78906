with figures as (

    select * from {{ ref('int_own__unit_grades') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    figures.unit_key,
    figures.school_year,
    figures.dimension,
    figures.group_value,
    figures.measure_id,
    figures.n_pupils,
    figures.numerator,
    figures.denominator,
    case when figures.measure_id = 'merit_value_y9' then 1.0 else 100.0 end
    * cast(figures.numerator as double) / nullif(cast(figures.denominator as double), 0) as value,
    case when figures.denominator > 0 then 'ok' else 'undefined' end as status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
