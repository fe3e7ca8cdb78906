{#
    Absence of pupils, in minutes, so that no cut-off is decided on a rounded share.

    Statuses of a pupil's period, in one unit or in all of them together:

        ok                        judged
        short_exposure            offered less time than `thr_absence` asks for: in sums, in no band
        no_schedule               offered nothing: undefined
        missing                   offered time, and nobody registered absence or presence: not zero
        error_absent_gt_offered   absent for longer than anything was offered: left out
#}

{# Minutes of those rows of `attendance` where attendance was registered. #}
{% macro registered_minutes(column) -%}
    cast(
        coalesce(sum(attendance.{{ column }}) filter (where attendance.counted_offered_minutes > 0), 0) as bigint
    ) as {{ column }}
{%- endmacro %}

{# The parameters as columns of one row, as a CTE body. #}
{% macro absence_thresholds() -%}
    select
        {%- for rule in [
            'absent_10', 'absent_15', 'absent_20', 'absent_50', 'invalid_5', 'planned_minutes_year',
            'minimum_exposure_percent', 'minimum_minutes_month', 'minimum_coverage_percent', 'rising_percent',
            'rising_points', 'total_percent', 'long_days', 'early_percent', 'early_last_month'
        ] %}
        max(threshold) filter (where rule = '{{ rule }}') as {{ rule }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('thr_absence') }}
{%- endmacro %}

{#
    Bands of a judged period; null when it is not judged. Expects status, absent_minutes, invalid_absence_minutes
    and counted_offered_minutes, and the thresholds as `thresholds`.
#}
{% macro absence_bands() -%}
    {%- for band in [10, 15, 20, 50] %}
    case
        when status = 'ok'
            then absent_minutes * 100 >= thresholds.absent_{{ band }} * counted_offered_minutes
    end as is_absent_{{ band }},
    {%- endfor %}
    case
        when status = 'ok'
            then invalid_absence_minutes * 100 >= thresholds.invalid_5 * counted_offered_minutes
    end as is_invalid_5,
    case when status = 'ok' then invalid_absence_minutes > 0 end as is_invalid_any
{%- endmacro %}

{#
    Figures of one unit or municipality from the pupils' periods: pupils by status and band, minutes, the rate as
    numerator, denominator and value, and how much of the offered time was reported.
#}
{% macro absence_figures() -%}
    count(*) as n_pupils,
    count(*) filter (where status = 'ok') as n_judged,
    count(*) filter (where status = 'short_exposure') as n_short_exposure,
    count(*) filter (where status = 'no_schedule') as n_no_schedule,
    count(*) filter (where status = 'missing') as n_missing,
    count(*) filter (where status = 'error_absent_gt_offered') as n_error,
    {%- for band in ['absent_10', 'absent_15', 'absent_20', 'absent_50', 'invalid_5', 'invalid_any'] %}
    count(*) filter (where is_{{ band }}) as n_{{ band }},
    {%- endfor %}
    cast(coalesce(sum(offered_minutes), 0) as bigint) as offered_minutes,
    cast(sum(reported_minutes) as bigint) as reported_minutes,
    {%- for minutes in [
        'counted_offered_minutes', 'attended_minutes', 'valid_absence_minutes', 'invalid_absence_minutes',
        'other_minutes'
    ] %}
    cast(
        coalesce(sum({{ minutes }}) filter (where status in ('ok', 'short_exposure')), 0) as bigint
    ) as {{ minutes }},
    {%- endfor %}
    cast(coalesce(sum(counted_offered_minutes) filter (where status = 'ok'), 0) as bigint) as judged_offered_minutes,
    cast(coalesce(sum(absent_minutes) filter (where status = 'ok'), 0) as bigint) as judged_absent_minutes
{%- endmacro %}

{#
    The rate of absence from the figures above, as columns of a select list: expects them as `figures`, and the
    thresholds as `thresholds`.
#}
{% macro absence_rate() -%}
    cast(
        figures.valid_absence_minutes + figures.invalid_absence_minutes as decimal(18, 6)
    ) as numerator,
    cast(figures.counted_offered_minutes as decimal(18, 6)) as denominator,
    100.0 * (figures.valid_absence_minutes + figures.invalid_absence_minutes)
    / nullif(figures.counted_offered_minutes, 0) as value,
    cast(figures.reported_minutes as double) / nullif(figures.offered_minutes, 0) as coverage,
    figures.reported_minutes * 100 >= thresholds.minimum_coverage_percent * figures.offered_minutes
        as is_coverage_sufficient,
    case
        when figures.counted_offered_minutes > 0 then 'ok'
        when figures.n_missing + figures.n_error > 0 then 'missing'
        else 'undefined'
    end as status
{%- endmacro %}
