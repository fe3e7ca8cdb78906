with months as (

    select * from {{ ref('fct_pupil_attendance_month') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

thresholds as (

    {{ absence_thresholds() }}

),

exposed as (

    select
        months.* exclude (status),
        case
            when months.status = 'ok' and months.counted_offered_minutes < thresholds.minimum_minutes_month
                then 'short_exposure'
            else months.status
        end as status
    from months
    cross join thresholds

),

judged as (

    select
        exposed.*,
        {{ absence_bands() | indent(4) }}
    from exposed
    cross join thresholds

),

figures as (

    select
        unit_key,
        month,
        school_year,
        {{ absence_figures() | indent(4) }}
    from judged
    group by unit_key, month, school_year

)

select
    figures.unit_key,
    figures.month,
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
    coalesce(units.is_made_up, false) as is_made_up
from figures
cross join thresholds
left join units
    on figures.unit_key = units.unit_key
