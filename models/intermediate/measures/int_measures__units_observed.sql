-- Every figure about a unit as one source delivered it: unit × school year × measure × source.
-- base_count is what the figure rests on (pupils, answers), where the same row says it.

with final_grades as (

    select
        *,
        pupils as graded_pupils
    from {{ ref('stg_siris__final_grades_y9') }}

),

quality_table as (

    select * from {{ ref('stg_underlag_for_analys__measures') }}
    where entity_type = 'unit'

),

statistics as (

    -- Programme-level figures of gymnasieskolan have a grain of their own and are not unit totals.
    select * from {{ ref('stg_planned_educations__statistics') }}
    where school_year is not null and programme_code is null and school_form = 'gr'

),

salsa as (

    select * from {{ ref('stg_planned_educations__salsa') }}

),

survey as (

    select * from {{ ref('stg_planned_educations__survey') }}

),

final_grades_long as (

    {{ long_measures(
        'final_grades',
        ['unit_code', 'school_year'],
        {
            'pupils': 'graded_pupils_y9',
            'merit_value_17': 'merit_value_y9',
            'passed_all_subjects_share': 'passed_all_subjects_y9',
            'eligible_vocational_share': 'eligible_vocational_y9'
        },
        base='graded_pupils'
    ) | indent(4) }}

),

salsa_long as (

    {{ long_measures(
        'salsa',
        ['unit_code', 'school_year'],
        {
            'merit_actual': 'value_added_merit_actual',
            'merit_expected': 'value_added_merit_expected',
            'merit_deviation': 'value_added_merit_deviation',
            'passed_actual': 'value_added_passed_actual',
            'passed_expected': 'value_added_passed_expected',
            'passed_deviation': 'value_added_passed_deviation',
            'parents_education_score': 'parents_education_score',
            'newly_immigrated_share': 'newly_immigrated_share_y9',
            'boys_share': 'boys_share_y9'
        }
    ) | indent(4) }}

),

observed as (

    select
        unit_code,
        school_year,
        measure_id,
        value,
        value_status,
        base_count,
        'siris' as source_id,
        1 as source_rank
    from final_grades_long

    union all

    select
        unit_code,
        school_year,
        measure_id,
        value,
        value_status,
        base_count,
        'salsa' as source_id,
        1 as source_rank
    from salsa_long

    union all

    select
        unit_code,
        school_year,
        measure_id,
        value,
        value_status,
        answers as base_count,
        'skolenkaten' as source_id,
        1 as source_rank
    from survey

    union all

    select
        unit_code,
        school_year,
        measure_id,
        value,
        value_status,
        null as base_count,
        'underlag_for_analys' as source_id,
        2 as source_rank
    from quality_table

    union all

    select
        unit_code,
        school_year,
        measure_id,
        value,
        value_status,
        null as base_count,
        'planned_educations' as source_id,
        3 as source_rank
    from statistics

)

select
    unit_code as unit_key,
    school_year,
    measure_id,
    source_id,
    source_rank,
    value,
    value_status,
    base_count
from observed
where value_status <> 'not_delivered'
