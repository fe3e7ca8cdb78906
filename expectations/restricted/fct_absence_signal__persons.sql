-- Signals about persons with protected identity, and signals marked as the latest that are older: one row.
with pupils as (

    select person_key
    from dim_pupil
    where is_protected

),

latest as (

    select max(month) as month
    from fct_pupil_attendance_month

)

select
    count(pupils.person_key) as n_protected,
    count(*) filter (where signals.is_latest_month <> (signals.month = latest.month)) as n_wrongly_latest
from fct_absence_signal as signals
cross join latest
left join pupils
    on signals.person_key = pupils.person_key
