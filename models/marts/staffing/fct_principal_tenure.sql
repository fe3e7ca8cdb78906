with figures as (

    select * from {{ ref('int_staffing__principal_tenure') }}

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
    figures.n_principals,
    figures.is_vacant,
    figures.n_principals_in_window,
    figures.years_observed,
    figures.is_high_turnover,
    figures.n_still_there_after_1_years,
    figures.n_still_there_after_3_years,
    figures.n_still_there_after_5_years,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
