-- Percent of the pupils with attendance about whom there is a signal, by month.
with signalled as (

    select
        month,
        count(distinct person_key) as n_pupils
    from fct_absence_signal
    group by month

),

attended as (

    select
        month,
        count(distinct person_key) as n_pupils
    from fct_pupil_attendance_month
    group by month

)

select
    attended.month,
    attended.n_pupils,
    100 * signalled.n_pupils / cast(attended.n_pupils as double) as percent_signalled
from attended
inner join signalled
    on attended.month = signalled.month
