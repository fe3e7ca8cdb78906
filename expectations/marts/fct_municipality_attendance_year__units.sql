-- Minutes and pupils of the municipality apart from those of all its units, by school year.
with units as (

    select
        dim_unit.municipality_code,
        figures.school_year,
        sum(figures.n_pupils) as n_pupils,
        sum(figures.counted_offered_minutes) as counted_offered_minutes
    from fct_unit_attendance_year as figures
    inner join dim_unit
        on figures.unit_key = dim_unit.unit_key
    where dim_unit.is_current
    group by dim_unit.municipality_code, figures.school_year

)

select
    figures.municipality_code,
    figures.school_year,
    cast(abs(coalesce(units.counted_offered_minutes, 0) - figures.counted_offered_minutes) as double)
        as minutes_apart,
    cast(figures.n_pupils - coalesce(units.n_pupils, 0) as double) as more_pupils_than_units
from fct_municipality_attendance_year as figures
left join units
    on
        figures.municipality_code = units.municipality_code
        and figures.school_year = units.school_year
