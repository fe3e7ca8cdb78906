-- One row per delivered version of a duty of a person at an organisation, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'person_id_key': 'varchar', 'duty_at_id': 'varchar', 'duty_role': 'varchar',
    'duty_percent': 'integer', 'hours_per_year': 'integer', 'start_date': 'date', 'end_date': 'date',
    'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id', 'person_id_key', 'duty_at_id'])
    + reference_rule('person', 'person_id_key')
    + bounds_rules(['duty_percent'], 0, 150)
    + bounds_rules(['hours_per_year'], 0, 8784)
    + ordered_rule('start_date', 'end_date')
    + planned_rule('start_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_duties') }}

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
        {{ enum_status('source.duty_role', [
            'Rektor', 'Lärare', 'Förskollärare', 'Barnskötare', 'Bibliotekarie', 'Lärarassistent',
            'Fritidspedagog', 'Annan personal', 'Studie- och yrkesvägledare', 'Förstelärare',
            'Kurator', 'Skolsköterska', 'Skolläkare', 'Skolpsykolog',
            'Speciallärare/specialpedagog', 'Skoladministratör', 'Övrig arbetsledning',
            'Övrig pedagogisk personal', 'Förskolechef'
        ]) }} as duty_role_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
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
