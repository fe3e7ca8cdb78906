{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='month',
        on_schema_change='fail',
        pre_hook="{% if is_incremental() %}delete from {{ this }} where month not in (select month from {{ ref('int_own__attendance') }}){% endif %}",
        post_hook="{% if builds_only_changes() %}{{ note_change() }}{% endif %}"
    )
}}

with attendance as (

    select * from {{ ref('int_own__attendance') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

-- What a month is made of: another row, key or number is another fingerprint, whatever the cause: a late
-- correction, a pupil's new key, an activity that has moved to another unit.
months as (

    select
        month,
        cast(sum(cast(hash(
            person_key, unit_key, activity_id, start_date, end_date, offered_minutes, reported_minutes,
            attended_minutes, valid_absence_minutes, invalid_absence_minutes, other_minutes,
            counted_offered_minutes
        ) as hugeint)) as varchar) as built_from
    from attendance
    group by month

),
{% if is_incremental() %}

built as (

    select
        month,
        min(built_from) as built_from
    from {{ this }}
    group by month

),
{% endif %}

to_build as (

    select
        months.month,
        months.built_from
    from months
    {% if is_incremental() %}
    left join built
        on months.month = built.month
    where months.built_from is distinct from built.built_from
    {% endif %}

),

summed as (

    select
        attendance.person_key,
        attendance.unit_key,
        attendance.month,
        to_build.built_from,
        min(attendance.start_date) as first_date,
        max(attendance.end_date) as last_date,
        cast(sum(attendance.offered_minutes) as bigint) as offered_minutes,
        cast(sum(attendance.reported_minutes) as bigint) as reported_minutes,
        {{ registered_minutes('counted_offered_minutes') }},
        {{ registered_minutes('attended_minutes') }},
        {{ registered_minutes('valid_absence_minutes') }},
        {{ registered_minutes('invalid_absence_minutes') }},
        {{ registered_minutes('other_minutes') }}
    from attendance
    inner join to_build
        on attendance.month = to_build.month
    group by attendance.person_key, attendance.unit_key, attendance.month, to_build.built_from

)

select
    summed.person_key,
    summed.unit_key,
    summed.month,
    {{ school_year_of('summed.month') }} as school_year,
    summed.first_date,
    summed.last_date,
    summed.offered_minutes,
    summed.reported_minutes,
    summed.counted_offered_minutes,
    summed.attended_minutes,
    summed.valid_absence_minutes,
    summed.invalid_absence_minutes,
    summed.valid_absence_minutes + summed.invalid_absence_minutes as absent_minutes,
    summed.other_minutes,
    case
        when summed.offered_minutes = 0 then 'no_schedule'
        when summed.counted_offered_minutes = 0 then 'missing'
        when summed.counted_offered_minutes > summed.offered_minutes then 'error_absent_gt_offered'
        else 'ok'
    end as status,
    coalesce(units.is_made_up, false) as is_made_up,
    summed.built_from
from summed
left join units
    on summed.unit_key = units.unit_key
