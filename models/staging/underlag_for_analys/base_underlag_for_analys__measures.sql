{{ config(materialized='table') }}

{#- A column header names the organiser and, for a unit, the unit: "NAME (orgnr): UNIT NAME (code)". -#}
{%- set header = "^(.+) \\(([0-9]{10})\\): (?:HUVUDMAN|(.+) \\(([0-9]{8})\\))$" -%}

{%- set rules = (
    school_year_rule()
    + [
        ('unknown_level', 'level_label', "entity_type is null"),
        ('unknown_measure', 'measure', 'measure_id is null')
    ]
    + witnessed_unit_rule()
    + measure_rules()
    + number_rules(['value'], -1000000000, 1000000000)
    + one_row_per_rule(['school_year', 'level_label', 'measure_id'])
) -%}

with source as (

    select * from {{ source('underlag_for_analys', 'ufa_measures') }}

),

known_measures as (

    select
        xwalk.source_label,
        xwalk.measure_id,
        measures.unit_of_measure
    from {{ ref('xwalk_underlag_for_analys_measures') }} as xwalk
    inner join {{ ref('ref_measures') }} as measures
        on xwalk.measure_id = measures.measure_id

),

unit_codes as (

    select
        unit_code,
        is_stray
    from {{ ref('stg_skolverket__unit_codes') }}
    where dataset = 'measures'

),

-- Six thousand headers stand above three hundred thousand cells: each is taken apart once.
labels as (

    select
        level_label,
        regexp_extract(level_label, '{{ header }}', ['organiser_name', 'number', 'unit_name', 'code'])
            as parts
    from source
    group by level_label

),

levels as (

    select
        labels.level_label,
        case
            when labels.level_label = 'RIKET: TOTALT' then 'nation'
            when labels.parts.code <> '' then 'unit'
            when labels.parts.number <> '' then 'organiser'
        end as entity_type,
        nullif(labels.parts.number, '') as organiser_number,
        nullif(labels.parts.organiser_name, '') as organiser_name,
        nullif(labels.parts.code, '') as unit_code,
        nullif(labels.parts.unit_name, '') as unit_name
    from labels

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.school_year,
        source.level_label,
        levels.entity_type,
        levels.organiser_number,
        levels.organiser_name,
        levels.unit_code,
        levels.unit_name,
        known_measures.measure_id,
        known_measures.unit_of_measure,
        {{ value_and_status('source.value', 'value') }},
        coalesce(unit_codes.is_stray, false) as is_stray_unit
    from source
    left join levels
        on source.level_label = levels.level_label
    left join known_measures
        on source.measure = known_measures.source_label
    left join unit_codes
        on levels.unit_code = unit_codes.unit_code

),

checked as (

    select
        * exclude (is_stray_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
