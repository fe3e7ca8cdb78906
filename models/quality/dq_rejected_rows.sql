{#- One branch a parsed table: rows set aside by a rule, beside those the readers set aside by their form. -#}
{%- set parsed = {
    'base_siris__final_grades_y9': 'siris_final_grades_y9',
    'base_siris__grades_y6': 'siris_grades_y6',
    'base_siris__pupils': 'siris_pupils',
    'base_siris__teachers': 'siris_teachers',
    'base_siris__national_tests_y9': 'siris_national_tests_y9',
    'base_siris__eligibility_y9': 'siris_eligibility_y9',
    'base_siris__costs': 'siris_costs',
    'base_underlag_for_analys__measures': 'ufa_measures',
    'base_planned_educations__school_units': 'pe_school_units',
    'base_planned_educations__school_unit_details': 'pe_school_unit_details',
    'base_planned_educations__statistics': 'pe_statistics',
    'base_planned_educations__salsa': 'pe_salsa',
    'base_planned_educations__survey': 'pe_survey',
    'base_skolenhetsregistret__units': 'register_v2',
    'base_skolenhetsregistret__units_2020': 'register_2020',
    'base_kolada__municipality_data': 'kolada_municipality_data',
    'base_kolada__municipality_groups': 'kolada_municipality_groups',
    'base_scb__population': 'scb_population'
} -%}

with read as (

    select
        extract_id,
        source_file,
        row_number,
        rule,
        null as column_name,
        reason
    from {{ source('raw', 'rejected_rows') }}

),

parsed as (

    {%- for model in parsed %}
    select
        extract_id,
        source_file,
        row_number,
        broken_rule
    from {{ ref(model) }}
    where broken_rule is not null
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

rules as (

    select * from {{ ref('ref_row_rules') }}

)

select
    extract_id,
    source_file,
    row_number,
    'reader' as found_by,
    rule,
    column_name,
    reason,
    'Ask the sender for the row again in the form the other rows have.' as what_to_do
from read

union all

select
    parsed.extract_id,
    parsed.source_file,
    parsed.row_number,
    'staging' as found_by,
    split_part(parsed.broken_rule, ':', 1) as rule,
    split_part(parsed.broken_rule, ':', 2) as column_name,
    rules.reason,
    rules.what_to_do
from parsed
left join rules
    on split_part(parsed.broken_rule, ':', 1) = rules.rule
