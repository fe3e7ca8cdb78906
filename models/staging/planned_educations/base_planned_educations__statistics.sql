{{ config(materialized='table') }}

{%- set rules = (
    digits_rule('unit_code', 8)
    + [
        ('unknown_measure', 'metric', 'measure_id is null'),
        (
            'not_a_school_year', 'time_period',
            "school_year is not null and not regexp_full_match(school_year, '[0-9]{4}/[0-9]{2}')"
        )
    ]
    + measure_rules()
    + number_rules(['value'])
    + one_row_per_rule(['unit_code', 'school_form', 'programme_code', 'metric', 'school_year'])
) -%}

with source as (

    select * from {{ source('planned_educations', 'pe_statistics') }}

),

known_metrics as (

    select
        xwalk.school_form,
        xwalk.metric,
        xwalk.measure_id,
        measures.unit_of_measure
    from {{ ref('xwalk_planned_educations_metrics') }} as xwalk
    inner join {{ ref('ref_measures') }} as measures
        on xwalk.measure_id = measures.measure_id

),

parsed as (

    select
        source._extract_id as extract_id,
        source._source_file as source_file,
        source._row_number as row_number,
        source.unit_code,
        source.school_form,
        source.programme_code,
        source.metric,
        known_metrics.measure_id,
        known_metrics.unit_of_measure,
        source.time_period as school_year,
        {{ value_and_status('source.value', 'value') }},
        source.value_type
    from source
    left join known_metrics
        on
            source.school_form = known_metrics.school_form
            and source.metric = known_metrics.metric

),

checked as (

    select
        *,
        {{ first_broken(rules) }} as broken_rule
    from parsed

)

select * from checked
