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
    'base_kolada__kpis': 'kolada_kpis',
    'base_kolada__units': 'kolada_units',
    'base_kolada__unit_data': 'kolada_unit_data',
    'base_kolada__municipality_data': 'kolada_municipality_data',
    'base_kolada__municipality_groups': 'kolada_municipality_groups',
    'base_scb__population': 'scb_population',
    'base_deliveries__staff': 'delivery_staff',
    'base_deliveries__staff_qualifications': 'delivery_staff_qualifications',
    'base_deliveries__ledger': 'delivery_ledger',
    'base_deliveries__national_tests': 'delivery_national_tests',
    'base_deliveries__early_assessments': 'delivery_early_assessments',
    'base_deliveries__grade_forecasts': 'delivery_grade_forecasts',
    'base_deliveries__survey': 'delivery_survey',
    'base_deliveries__background': 'delivery_background',
    'base_deliveries__measures': 'delivery_measures',
    'base_deliveries__kaa': 'delivery_kaa',
    'base_deliveries__private_units': 'delivery_private_units',
    'base_deliveries__upper_secondary_outcomes': 'delivery_upper_secondary_outcomes',
    'base_deliveries__socioeconomic_index': 'delivery_socioeconomic_index',
    'base_deliveries__structural_pools': 'delivery_structural_pools',
    'base_ss12000__organisations': 'ss12000_organisations',
    'base_ss12000__persons': 'ss12000_persons',
    'base_ss12000__enrolments': 'ss12000_enrolments',
    'base_ss12000__placements': 'ss12000_placements',
    'base_ss12000__duties': 'ss12000_duties',
    'base_ss12000__groups': 'ss12000_groups',
    'base_ss12000__group_memberships': 'ss12000_group_memberships',
    'base_ss12000__activities': 'ss12000_activities',
    'base_ss12000__activity_teachers': 'ss12000_activity_teachers',
    'base_ss12000__syllabuses': 'ss12000_syllabuses',
    'base_ss12000__programmes': 'ss12000_programmes',
    'base_ss12000__study_plans': 'ss12000_study_plans',
    'base_ss12000__grades': 'ss12000_grades',
    'base_ss12000__absences': 'ss12000_absences',
    'base_ss12000__attendances': 'ss12000_attendances',
    'base_ss12000__attendance_events': 'ss12000_attendance_events',
    'base_ss12000__aggregated_attendance': 'ss12000_aggregated_attendance'
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
