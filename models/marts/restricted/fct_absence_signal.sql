with months as (

    select * from {{ ref('fct_pupil_attendance_month') }}
    where status = 'ok'

),

pupils as (

    select
        person_key,
        is_protected
    from {{ ref('dim_pupil') }}

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

latest as (

    select max(month) as month from {{ ref('fct_pupil_attendance_month') }}

),

judged as (

    select
        months.person_key,
        months.unit_key,
        months.month,
        months.school_year,
        months.first_date,
        months.last_date,
        months.absent_minutes,
        months.counted_offered_minutes as offered_minutes,
        months.absent_minutes * 100 >= thresholds.total_percent * months.counted_offered_minutes as is_away,
        sum(months.absent_minutes) over two_before as absent_before,
        sum(months.counted_offered_minutes) over two_before as offered_before,
        count(*) over two_before as n_before,
        min(months.month) over two_before as first_before
    from months
    inner join pupils
        on months.person_key = pupils.person_key
    cross join thresholds
    where
        not pupils.is_protected
        and months.counted_offered_minutes >= thresholds.minimum_minutes_month
    window two_before as (
        partition by months.person_key, months.unit_key order by months.month
        rows between 2 preceding and 1 preceding
    )

),

-- Months in a row in which the pupil was away the whole time share a number.
numbered as (

    select
        *,
        count(*) filter (where not is_away) over (
            partition by person_key, unit_key order by month rows between unbounded preceding and current row
        ) as run_number
    from judged

),

runs as (

    select
        *,
        min(first_date) filter (where is_away) over so_far as away_since,
        -- The month a run of absence begins after: part of it may belong to the run.
        min(month) filter (where not is_away) over so_far as month_before,
        max(absent_minutes) filter (where not is_away) over so_far as absent_month_before,
        max(offered_minutes) filter (where not is_away) over so_far as offered_month_before
    from numbered
    window so_far as (
        partition by person_key, unit_key, run_number order by month
        rows between unbounded preceding and current row
    )

),

-- The days of months away. The month right before counts by its share of absence when that is half of it or
-- more: a month's sums do not say which days.
lengths as (

    select
        * exclude (absent_month_before),
        last_date - away_since + 1 as days_away,
        case
            when
                date_diff('month', month_before, away_since) = 1
                and absent_month_before * 2 >= offered_month_before
                then absent_month_before
        end as absent_month_before
    from runs

),

signals as (

    select
        lengths.*,
        'rising' as signal,
        'Frånvaron i ' || {{ month_in_words('lengths.month') }} || ' var '
        || {{ percent_in_words('lengths.absent_minutes', 'lengths.offered_minutes') }}
        || ' av den erbjudna tiden, mot '
        || {{ percent_in_words('lengths.absent_before', 'lengths.offered_before') }}
        || ' de två månaderna före.' as reason_sv
    from lengths
    cross join thresholds
    where
        lengths.absent_minutes * 100 >= thresholds.rising_percent * lengths.offered_minutes
        and lengths.n_before = 2
        -- Summer lies between June and August; half a year is no trend.
        and date_diff('month', lengths.first_before, lengths.month) <= 4
        and lengths.absent_minutes * 100 * lengths.offered_before
        >= (lengths.absent_before * 100 + thresholds.rising_points * lengths.offered_before)
        * lengths.offered_minutes

    union all

    select
        lengths.*,
        'long' as signal,
        'Helt frånvarande från ' || strftime(lengths.away_since, '%Y-%m-%d') || ' till '
        || strftime(lengths.last_date, '%Y-%m-%d')
        || coalesce(
            ', och ' || {{ percent_in_words('lengths.absent_month_before', 'lengths.offered_month_before') }}
            || ' av tiden i ' || {{ month_in_words('lengths.month_before') }}, ''
        ) || '.' as reason_sv
    from lengths
    cross join thresholds
    where
        lengths.is_away
        and lengths.days_away + coalesce(
            day(last_day(lengths.month_before)) * lengths.absent_month_before
            // nullif(lengths.offered_month_before, 0), 0
        ) >= thresholds.long_days

    union all

    select
        lengths.*,
        'early' as signal,
        'Frånvaron i ' || {{ month_in_words('lengths.month') }} || ', i läsårets början, var '
        || {{ percent_in_words('lengths.absent_minutes', 'lengths.offered_minutes') }}
        || ' av den erbjudna tiden.' as reason_sv
    from lengths
    cross join thresholds
    where
        month(lengths.month) between 8 and thresholds.early_last_month
        and lengths.absent_minutes * 100 >= thresholds.early_percent * lengths.offered_minutes

)

select
    signals.person_key,
    signals.unit_key,
    signals.month,
    signals.signal,
    signals.school_year,
    signals.reason_sv,
    signals.absent_minutes,
    signals.offered_minutes,
    signals.month = latest.month as is_latest_month,
    coalesce(units.is_made_up, false) as is_made_up
from signals
cross join latest
left join units
    on signals.unit_key = units.unit_key
