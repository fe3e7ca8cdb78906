-- One row per delivered version of a child checked in or out, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'time': 'timestamptz', 'event_type': 'varchar', 'person_id_key': 'varchar',
    'group_id': 'varchar', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id', 'person_id_key', 'time'])
    + reference_rule('person', 'person_id_key')
    + [('future_date', 'time', "cast(" ~ local_time('time') ~ " as date) > as_of_on + 1")]
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_attendance_events') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

),

as_of as (

    select as_of_on from {{ ref('stg_ss12000__as_of') }}

),

known_persons as (

    select person_id_key
    from {{ ref('base_ss12000__persons') }}
    where broken_rule is null
    group by person_id_key

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        {{ enum_status('source.event_type', ['In', 'Ut']) }} as event_type_status,
        {{ delivered_columns(types, {
            'time': instant('source.time'),
            'meta_modified': instant('source.meta_modified')
        }) }},
        known_persons.person_id_key is not null as is_known_person,
        as_of.as_of_on
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_persons
        on source.person_id_key = known_persons.person_id_key
    cross join as_of

),

checked as (

    select
        * exclude (unreadable_column, is_known_person, as_of_on),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
