with pupils as (

    select * from {{ ref('fct_pupil_attendance_year') }}
    where entity_type = 'unit'

),

thresholds as (

    {{ absence_thresholds() }}

),

figures as (

    select
        entity_key as unit_key,
        school_year,
        {{ absence_figures() | indent(4) }},
        bool_or(is_made_up) as is_made_up
    from pupils
    group by entity_key, school_year

)

select
    figures.unit_key,
    figures.school_year,
    figures.n_pupils,
    figures.n_judged,
    figures.n_short_exposure,
    figures.n_no_schedule,
    figures.n_missing,
    figures.n_error,
    figures.n_absent_10,
    figures.n_absent_15,
    figures.n_absent_20,
    figures.n_absent_50,
    figures.n_invalid_5,
    figures.n_invalid_any,
    figures.offered_minutes,
    figures.reported_minutes,
    figures.counted_offered_minutes,
    figures.attended_minutes,
    figures.valid_absence_minutes,
    figures.invalid_absence_minutes,
    figures.other_minutes,
    figures.judged_offered_minutes,
    figures.judged_absent_minutes,
    {{ absence_rate() }},
    figures.is_made_up
from figures
cross join thresholds
