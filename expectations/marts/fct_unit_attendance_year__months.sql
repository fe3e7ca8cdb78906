-- Offered minutes of the years of all units beside the sum of their months, by school year.
with months as (

    select
        school_year,
        sum(offered_minutes) as offered_minutes
    from fct_unit_attendance_month
    group by school_year

)

select
    years.school_year,
    any_value(months.offered_minutes) / cast(sum(years.offered_minutes) as double) as ratio
from fct_unit_attendance_year as years
left join months on years.school_year = months.school_year
group by years.school_year
