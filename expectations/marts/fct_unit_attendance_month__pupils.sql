-- Pupils and offered minutes of units that are not those of the pupils' own months, by month.
with pupils as (

    select
        month,
        count(*) as n_pupils,
        sum(offered_minutes) as offered_minutes
    from restricted.fct_pupil_attendance_month
    group by month

),

units as (

    select
        month,
        sum(n_pupils) as n_pupils,
        sum(offered_minutes) as offered_minutes
    from fct_unit_attendance_month
    group by month

)

select
    pupils.month,
    cast(abs(pupils.n_pupils - coalesce(units.n_pupils, 0)) as double) as pupils_apart,
    cast(abs(coalesce(pupils.offered_minutes, 0) - coalesce(units.offered_minutes, 0)) as double)
        as minutes_apart
from pupils
left join units
    on pupils.month = units.month
