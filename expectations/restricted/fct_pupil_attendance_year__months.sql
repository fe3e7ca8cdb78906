-- Offered and absent minutes of the year in units, less those of its months, by school year.
with years as (

    select
        school_year,
        sum(offered_minutes) as offered_minutes,
        sum(absent_minutes) as absent_minutes
    from fct_pupil_attendance_year
    where entity_type = 'unit'
    group by school_year

),

months as (

    select
        school_year,
        sum(offered_minutes) as offered_minutes,
        sum(absent_minutes) filter (where status = 'ok') as absent_minutes
    from fct_pupil_attendance_month
    group by school_year

)

select
    months.school_year,
    cast(abs(coalesce(years.offered_minutes, 0) - coalesce(months.offered_minutes, 0)) as double)
    + cast(abs(coalesce(years.absent_minutes, 0) - coalesce(months.absent_minutes, 0)) as double)
        as minutes_apart
from months
left join years
    on months.school_year = years.school_year
