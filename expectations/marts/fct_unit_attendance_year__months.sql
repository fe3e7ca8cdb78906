-- Offered and absent minutes of the year apart from those of its months, by unit and school year.
with months as (

    select
        unit_key,
        school_year,
        sum(offered_minutes) as offered_minutes,
        sum(numerator) as absent_minutes,
        max(n_pupils) as n_pupils
    from fct_unit_attendance_month
    group by unit_key, school_year

)

select
    years.unit_key,
    years.school_year,
    cast(abs(years.offered_minutes - coalesce(months.offered_minutes, 0)) as double)
    + cast(abs(years.numerator - coalesce(months.absent_minutes, 0)) as double) as minutes_apart,
    months.n_pupils - years.n_pupils as more_pupils_in_a_month
from fct_unit_attendance_year as years
left join months
    on
        years.unit_key = months.unit_key
        and years.school_year = months.school_year
