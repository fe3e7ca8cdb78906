-- Offered minutes of the municipality beside the sum of its units', by municipality and school year.
with units as (

    select
        dim_unit.municipality_code,
        years.school_year,
        sum(years.offered_minutes) as offered_minutes
    from fct_unit_attendance_year as years
    inner join dim_unit on years.unit_key = dim_unit.unit_key and dim_unit.is_current
    group by dim_unit.municipality_code, years.school_year

)

select
    whole.municipality_code,
    whole.school_year,
    units.offered_minutes / cast(whole.offered_minutes as double) as ratio
from fct_municipality_attendance_year as whole
left join units
    on whole.municipality_code = units.municipality_code and whole.school_year = units.school_year
