-- One row per delivered version of a person, as pseudonym: pupils, guardians and staff, with the rule it
-- broke.
{{ config(materialized='table') }}

{%- set types = {
    'person_id_key': 'varchar', 'civic_no_key': 'varchar', 'birth_month': 'varchar', 'sex': 'varchar',
    'security_marking': 'varchar', 'person_status': 'varchar', 'meta_modified': 'timestamptz'
} -%}
{%- set rules = (
    delivered_rules(types)
    + needed_rule(['person_id_key'])
    + [('unreadable', 'birth_month', "birth_month is not null and try_cast(birth_month || '-01' as date) is null"),
        ('future_date', 'birth_month', "try_cast(birth_month || '-01' as date) > as_of_on + 1")]
) -%}

with source as (

    select * from {{ source('ss12000', 'ss12000_persons') }}

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

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        extracts.fetched_at,
        {{ enum_status('source.sex', ['Man', 'Kvinna', 'Okänt']) }} as sex_status,
        {{ enum_status('source.security_marking', [
            'Ingen', 'Sekretessmarkering', 'Skyddad folkbokföring'
        ]) }} as security_marking_status,
        {{ enum_status('source.person_status', ['Aktiv', 'Utvandrad', 'Avliden']) }} as person_status_status,
        {{ delivered_columns(types, {'meta_modified': instant('source.meta_modified')}) }},
        as_of.as_of_on
    from source
    left join extracts
        on source._extract_id = extracts.extract_id
    cross join as_of

),

checked as (

    select
        * exclude (unreadable_column, as_of_on),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
