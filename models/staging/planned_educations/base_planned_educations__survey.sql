{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('unit_code', 8)
    + known_unit_rule()
    + [
        ('unknown_measure', 'respondent+index_name', 'measure_id is null'),
        ('not_a_semester', 'semester', "not coalesce(regexp_full_match(semester, '(HT|VT)[0-9]{2}'), false)")
    ]
    + number_rules(['value'], 0, 10)
    + number_rules(['answers'])
    + one_row_per_rule([
        'unit_code', 'respondent', 'semester', 'grade', 'index_name'
    ])
) -%}

with source as (

    select * from {{ source('planned_educations', 'pe_survey') }}

),

known_indices as (

    select
        respondent,
        grade,
        index_name,
        measure_id
    from {{ ref('xwalk_survey_indices') }}

),

known_units as (

    select unit_code from {{ ref('stg_planned_educations__known_units') }}

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.unit_code,
        source.respondent,
        source.semester,
        source.grade,
        source.index_name,
        known_indices.measure_id,
        -- The survey of a spring term belongs to the school year that ends then.
        case
            when source.semester like 'VT%'
                then
                    '20' || lpad(cast(cast(right(source.semester, 2) as integer) - 1 as varchar), 2, '0')
                    || '/' || right(source.semester, 2)
            else
                '20' || right(source.semester, 2) || '/'
                || lpad(cast(cast(right(source.semester, 2) as integer) + 1 as varchar), 2, '0')
        end as school_year,
        {{ value_and_status('source.value', 'value') }},
        {{ value_and_status('source.answers', 'answers') }},
        known_units.unit_code is not null as is_known_unit
    from source
    left join known_units
        on source.unit_code = known_units.unit_code
    left join known_indices
        on
            source.respondent = known_indices.respondent
            and source.grade is not distinct from known_indices.grade
            and source.index_name = known_indices.index_name

),

checked as (

    select
        * exclude (is_known_unit),
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
