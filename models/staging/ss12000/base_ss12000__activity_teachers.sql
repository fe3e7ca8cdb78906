-- One row per delivered version of a teacher of an activity, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'activity_id': 'varchar', 'duty_id': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'minutes_planned': 'integer', 'grader': 'boolean', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['activity_id', 'duty_id'])
    + reference_rule('activity', 'activity_id')
    + reference_rule('duty', 'duty_id')
    + bounds_rules(['minutes_planned'], 0, 10000000)
    + ordered_rule('start_date', 'end_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_activity_teachers') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

),

known_activities as (

    select id
    from {{ ref('base_ss12000__activities') }}
    where broken_rule is null
    group by id

),

known_duties as (

    select id
    from {{ ref('base_ss12000__duties') }}
    where broken_rule is null
    group by id

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        known_activities.id is not null as is_known_activity,
        known_duties.id is not null as is_known_duty
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_activities
        on source.activity_id = known_activities.id
    left join known_duties
        on source.duty_id = known_duties.id

),

checked as (

    select
        * exclude (unreadable_column, is_known_activity, is_known_duty),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
