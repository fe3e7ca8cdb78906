-- Figures a measure (insats) may aim at, in the words of `ref_measures`: one row per unit, school year and
-- measure. The municipality's own figures come first, those of the agencies where there is none.

with agencies as (

    select * from {{ ref('int_measures__units_resolved') }}

),

tests as (

    select * from {{ ref('int_outcomes__national_tests_counted') }}

),

survey as (

    select * from {{ ref('int_environment__local_survey') }}

),

competence as (

    select * from {{ ref('int_staffing__competence') }}
    where entity_type = 'unit' and subject_code = 'all' and stage = 'all'

),

groups as (

    select * from {{ ref('int_composition__unit_groups_counted') }}
    where school_form = 'all'

),

grades as (

    select * from {{ ref('int_own__unit_grades') }}
    where dimension = 'all'

),

lineage as (

    select * from {{ ref('int_units__succeeded') }}

),

observed as (

    select
        unit_key,
        school_year,
        measure_id,
        cast(value as double) as value,
        2 as source_rank
    from agencies

    union all

    select
        unit_key,
        school_year,
        case subject_code
            when 'SV' then 'test_passed_swedish_y'
            when 'SVA' then 'test_passed_swedish_second_y'
            when 'EN' then 'test_passed_english_y'
            when 'MA' then 'test_passed_maths_y'
        end || cast(year_group as varchar) as measure_id,
        100.0 * n_reached / nullif(n_graded, 0) as value,
        1 as source_rank
    from tests

    union all

    select
        unit_key,
        school_year,
        case question_area
            when 'trygghet' then 'survey_safety_'
            when 'studiero' then 'survey_study_calm_'
            when 'stimulans' then 'survey_stimulation_'
            when 'stod' then 'survey_support_'
        end
        || case respondent
            when 'vardnadshavare' then 'guardians'
            when 'personal' then 'staff'
            else 'y' || year_group
        end as measure_id,
        cast(index_value as double) as value,
        1 as source_rank
    from survey
    where (respondent = 'elever') = (year_group <> 'all')

    union all

    select
        entity_key as unit_key,
        school_year,
        case measure_id
            when 'qualified_fte_share' then 'certified_teachers_share'
            when 'qualified_any_heads_share' then 'certified_heads_share'
            else measure_id
        end as measure_id,
        value,
        1 as source_rank
    from competence

    union all

    select
        unit_key,
        school_year,
        case
            when dimension = 'all' then 'pupils'
            when group_value = 'girls' then 'girls_share'
            when dimension = 'foreign_background' and group_value = 'yes' then 'foreign_background_share'
            when dimension = 'parents_education' and group_value = 'higher'
                then 'parents_higher_education_share'
        end as measure_id,
        case
            when dimension = 'all' then cast(n_pupils as double)
            else 100.0 * n_pupils / nullif(n_known, 0)
        end as value,
        1 as source_rank
    from groups

    union all

    select
        unit_key,
        school_year,
        measure_id,
        case when measure_id = 'merit_value_y9' then 1 else 100 end * cast(numerator as double)
        / nullif(cast(denominator as double), 0) as value,
        1 as source_rank
    from grades

)

select
    coalesce(lineage.current_unit_key, observed.unit_key) as current_unit_key,
    observed.school_year,
    observed.measure_id,
    -- Units that became one may each have a figure of the same year.
    arg_min(observed.value, (observed.source_rank, observed.unit_key)) as value
from observed
left join lineage
    on observed.unit_key = lineage.unit_key
where observed.value is not null and observed.measure_id is not null
group by coalesce(lineage.current_unit_key, observed.unit_key), observed.school_year, observed.measure_id
