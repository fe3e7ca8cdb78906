-- One row per delivered version of a membership of a group, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'group_id': 'varchar', 'person_id_key': 'varchar', 'start_date': 'date', 'end_date': 'date',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['group_id', 'person_id_key'])
    + reference_rule('group', 'group_id')
    + reference_rule('person', 'person_id_key')
    + ordered_rule('start_date', 'end_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_group_memberships') }}

),

extracts as (

    select
        extract_id,
        fetched_at
    from {{ source('raw', 'extracts') }}

),

known_groups as (

    select id
    from {{ ref('base_ss12000__groups') }}
    where broken_rule is null
    group by id

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
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        known_groups.id is not null as is_known_group,
        known_persons.person_id_key is not null as is_known_person
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_groups
        on source.group_id = known_groups.id
    left join known_persons
        on source.person_id_key = known_persons.person_id_key

),

checked as (

    select
        * exclude (unreadable_column, is_known_group, is_known_person),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
