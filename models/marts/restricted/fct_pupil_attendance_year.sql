with months as (

    select * from {{ ref('fct_pupil_attendance_month') }}

),

units as (

    select
        unit_key,
        municipality_code,
        area_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

thresholds as (

    {{ absence_thresholds() }}

),

-- A pupil who moves is judged once in each unit, and once with all units of an area, and of the municipality,
-- together.
by_entity as (

    select
        'unit' as entity_type,
        months.unit_key as entity_key,
        units.is_made_up,
        months.*
    from months
    left join units
        on months.unit_key = units.unit_key

    union all

    select
        'area' as entity_type,
        units.area_key as entity_key,
        units.is_made_up,
        months.*
    from months
    inner join units
        on months.unit_key = units.unit_key
    where units.area_key is not null

    union all

    select
        'municipality' as entity_type,
        units.municipality_code as entity_key,
        units.is_made_up,
        months.*
    from months
    inner join units
        on months.unit_key = units.unit_key
    where units.municipality_code is not null

),

summed as (

    select
        person_key,
        entity_type,
        entity_key,
        school_year,
        bool_or(coalesce(is_made_up, false)) as is_made_up,
        count(*) as n_months,
        cast(sum(offered_minutes) as bigint) as offered_minutes,
        cast(sum(reported_minutes) as bigint) as reported_minutes,
        {%- for minutes in [
            'counted_offered_minutes', 'attended_minutes', 'valid_absence_minutes', 'invalid_absence_minutes',
            'absent_minutes', 'other_minutes'
        ] %}
        cast(coalesce(sum({{ minutes }}) filter (where status = 'ok'), 0) as bigint) as {{ minutes }},
        {%- endfor %}
        count(*) filter (where status = 'ok') as n_ok,
        count(*) filter (where status = 'error_absent_gt_offered') as n_error,
        count(*) filter (where status = 'missing') as n_missing
    from by_entity
    group by person_key, entity_type, entity_key, school_year

),

judged as (

    select
        summed.*,
        case
            when
                summed.n_ok > 0
                and summed.counted_offered_minutes * 100
                >= thresholds.minimum_exposure_percent * thresholds.planned_minutes_year
                then 'ok'
            when summed.n_ok > 0 then 'short_exposure'
            when summed.n_error > 0 then 'error_absent_gt_offered'
            when summed.n_missing > 0 then 'missing'
            else 'no_schedule'
        end as status
    from summed
    cross join thresholds

)

select
    judged.person_key,
    judged.entity_type,
    judged.entity_key,
    judged.school_year,
    judged.n_months,
    judged.offered_minutes,
    judged.reported_minutes,
    judged.counted_offered_minutes,
    judged.attended_minutes,
    judged.valid_absence_minutes,
    judged.invalid_absence_minutes,
    judged.absent_minutes,
    judged.other_minutes,
    judged.status,
    cast(judged.absent_minutes as double) / nullif(judged.counted_offered_minutes, 0) as absence_share,
    {{ absence_bands() }},
    judged.is_made_up
from judged
cross join thresholds
