-- One row per delivered version of a placement in preschool or school-age care, with the rule it broke.
{{ config(materialized='table') }}

{%- set types = {
    'id': 'varchar', 'placed_at_id': 'varchar', 'group_id': 'varchar', 'child_key': 'varchar',
    'school_type': 'varchar', 'start_date': 'date', 'end_date': 'date', 'reason': 'varchar',
    'max_weekly_schedule_hours': 'integer', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['id', 'start_date'])
    + reference_rule('person', 'child_key')
    + reference_rule('organisation', 'placed_at_id')
    + bounds_rules(['max_weekly_schedule_hours'], 0, 168)
    + ordered_rule('start_date', 'end_date')
    + planned_rule('start_date')
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_placements') }}

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

organisation_units as (

    select
        organisation_id,
        unit_key
    from {{ ref('stg_ss12000__organisation_units') }}

),

school_types as (

    select
        school_type,
        school_form
    from {{ ref('xwalk_ss12000_school_types') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        organisation_units.unit_key,
        school_types.school_form,
        case
            when nullif(source.school_type, '') is null then 'not_delivered'
            when school_types.school_type is null then 'unknown'
            else 'known'
        end as school_type_status,
        {{ enum_status('source.reason', ['Omsorgsbehov', 'Erbjuden tid', 'Eget behov']) }} as reason_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        known_persons.person_id_key is not null as is_known_person,
        organisation_units.unit_key is not null as is_known_organisation,
        as_of.as_of_on
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    left join known_persons
        on source.child_key = known_persons.person_id_key
    left join organisation_units
        on source.placed_at_id = organisation_units.organisation_id
    left join school_types
        on source.school_type = school_types.school_type
    cross join as_of

),

checked as (

    select
        * exclude (unreadable_column, is_known_person, is_known_organisation, as_of_on),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
