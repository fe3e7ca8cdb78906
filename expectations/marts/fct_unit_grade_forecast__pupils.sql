-- Forecasts of units apart from those of the pupils, by school year.
with pupils as (

    select
        school_year,
        count(*) as n_forecasts
    from restricted.fct_grade_forecast
    group by school_year

),

units as (

    select
        school_year,
        sum(n_forecasts) as n_forecasts
    from fct_unit_grade_forecast
    where subject_code = 'all'
    group by school_year

)

select
    pupils.school_year,
    cast(abs(pupils.n_forecasts - coalesce(units.n_forecasts, 0)) as double) as forecasts_apart
from pupils
left join units
    on pupils.school_year = units.school_year
