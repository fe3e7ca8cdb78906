-- One row per pupil, activity and period of a month's sums of attendance, with the rule it broke. There is
-- no id and no time of change: a month is replaced as a whole when it is fetched again.
{{ config(materialized='table') }}

{%- set types = {
    'activity_id': 'varchar', 'student_key': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'attendance_sum': 'integer', 'valid_absence_sum': 'integer', 'invalid_absence_sum': 'integer',
    'other_attendance_sum': 'integer', 'reported_sum': 'integer', 'offered_sum': 'integer'
} -%}
{%- set minutes = [
    'attendance_sum', 'valid_absence_sum', 'invalid_absence_sum', 'other_attendance_sum', 'reported_sum',
    'offered_sum'
] -%}
{#- A month has 44,640 minutes; a year of one activity never comes near the upper bound. -#}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['activity_id', 'student_key', 'start_date', 'end_date'])
    + reference_rule('person', 'student_key')
    + reference_rule('activity', 'activity_id')
    + ordered_rule('start_date', 'end_date')
    + [(
        'outside_period', 'start_date',
        "strftime(start_date, '%Y-%m') <> period or strftime(end_date, '%Y-%m') <> period"
    )]
    + bounds_rules(minutes, 0, 44640)
    + [(
        'part_exceeds_whole', 'valid_absence_sum+invalid_absence_sum',
        'coalesce(valid_absence_sum, 0) + coalesce(invalid_absence_sum, 0) > offered_sum'
    )]
    + part_rule('reported_sum', 'offered_sum')
    + one_row_per_rule(['extract_id', 'activity_id', 'student_key', 'start_date'])
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_aggregated_attendance') }}

),

extracts as (

    select
        extract_id,
        fetched_at,
        period
    from {{ source('raw', 'extracts') }}

),

known_persons as (

    select person_id_key
    from {{ ref('base_ss12000__persons') }}
    where broken_rule is null
    group by person_id_key

),

-- An activity that was deleted since was still taught: its latest version says where.
known_activities as (

    select
        id,
        unit_key
    from {{ ref('base_ss12000__activities') }}
    where broken_rule is null
    qualify {{ latest_version(['id']) }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        extracts.period,
        known_activities.unit_key,
        {{ delivered_columns(types) }},
        known_persons.person_id_key is not null as is_known_person,
        known_activities.id is not null as is_known_activity
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_persons
        on source.student_key = known_persons.person_id_key
    left join known_activities
        on source.activity_id = known_activities.id

),

checked as (

    select
        * exclude (unreadable_column, is_known_person, is_known_activity),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
