-- Every figure about a municipality as one source delivered it:
-- municipality × organiser kind × sex × school year × measure × source.
-- Population: pupils and staff of units located in the municipality (lägeskommun).

with final_grades_y6 as (

    select
        *,
        pupils as graded_pupils,
        'all' as sex
    from {{ ref('stg_siris__grades_y6') }}

),

pupils as (

    select
        *,
        pupils_y1_9 as pupils_base,
        'all' as sex
    from {{ ref('stg_siris__pupils') }}

),

-- A column of first teachers that is zero in every row while heads are counted is an error at the
-- source: its figures are set aside with a status of their own, they are not zeros.
teachers as (

    select
        * replace (
            case when first_teachers_are_blank then null else first_teachers_fte end as first_teachers_fte,
            case
                when first_teachers_are_blank and first_teachers_fte_status = 'reported' then 'withdrawn'
                else first_teachers_fte_status
            end as first_teachers_fte_status
        ),
        'all' as sex
    from (
        select
            *,
            max(coalesce(first_teachers_fte, 0)) over (partition by school_year) = 0
            and max(coalesce(first_teachers_heads, 0)) over (partition by school_year) > 0
                as first_teachers_are_blank
        from {{ ref('stg_siris__teachers') }}
    )

),

eligibility as (

    select
        * exclude (sex),
        pupils as graded_pupils,
        case sex when 'Flickor' then 'girls' when 'Pojkar' then 'boys' else 'all' end as sex
    from {{ ref('stg_siris__eligibility_y9') }}

),

tests as (

    select tests_source.* replace (subjects.subject as subject)
    from {{ ref('stg_siris__national_tests_y9') }} as tests_source
    inner join {{ ref('xwalk_test_subjects') }} as subjects
        on tests_source.subject = subjects.source_text

),

-- The test table has one column per sex: one row per sex here.
tests_by_sex as (

    {%- for sex in ['all', 'girls', 'boys'] %}
    select
        municipality_code,
        organiser_kind,
        school_year,
        subject,
        '{{ sex }}' as sex,
        pupils_{{ sex }} as pupils,
        points_mean_{{ sex }} as points,
        points_mean_{{ sex }}_status as points_status,
        passed_share_{{ sex }} as passed,
        passed_share_{{ sex }}_status as passed_status,
        participated_share_{{ sex }} as participated,
        participated_share_{{ sex }}_status as participated_status
    from tests
    {%- if not loop.last %}

    union all
    {% endif %}
    {%- endfor %}

),

costs as (

    select
        *,
        {{ school_year_from_autumn('calendar_year') }} as school_year,
        'all' as sex
    from {{ ref('stg_siris__costs') }}

),

costs_gr as (

    select * from costs
    where school_form = 'gr'

),

costs_gy as (

    select * from costs
    where school_form = 'gy'

),

kolada as (

    select * from {{ ref('stg_kolada__municipality_data') }}

),

y6_long as (

    {{ long_measures(
        'final_grades_y6',
        ['municipality_code', 'organiser_kind', 'sex', 'school_year'],
        {
            'pupils': 'graded_pupils_y6',
            'subject_grades_mean': 'subject_grades_mean_y6',
            'passed_all_subjects_share': 'passed_all_subjects_y6',
            'failed_one_subject_share': 'failed_one_subject_y6',
            'failed_several_subjects_share': 'failed_several_subjects_y6'
        },
        base='graded_pupils'
    ) | indent(4) }}

),

pupils_long as (

    {{ long_measures(
        'pupils',
        ['municipality_code', 'organiser_kind', 'sex', 'school_year'],
        {
            'pupils_y1_9': 'pupils',
            'girls_share': 'girls_share',
            'foreign_background_share': 'foreign_background_share',
            'parents_higher_education_share': 'parents_higher_education_share',
            'pupils_y1': 'pupils_y1',
            'pupils_y2': 'pupils_y2',
            'pupils_y3': 'pupils_y3',
            'pupils_y4': 'pupils_y4',
            'pupils_y5': 'pupils_y5',
            'pupils_y6': 'pupils_y6',
            'pupils_y7': 'pupils_y7',
            'pupils_y8': 'pupils_y8',
            'pupils_y9': 'pupils_y9'
        },
        base='pupils_base'
    ) | indent(4) }}

),

teachers_long as (

    {{ long_measures(
        'teachers',
        ['municipality_code', 'organiser_kind', 'sex', 'school_year'],
        {
            'teachers_fte': 'teachers_fte',
            'certified_fte': 'certified_fte',
            'certified_fte_share': 'certified_teachers_share',
            'first_teachers_fte': 'first_teachers_fte',
            'teachers_heads': 'teachers_heads',
            'certified_heads': 'certified_heads',
            'certified_heads_share': 'certified_heads_share',
            'first_teachers_heads': 'first_teachers_heads'
        }
    ) | indent(4) }}

),

eligibility_long as (

    {{ long_measures(
        'eligibility',
        ['municipality_code', 'organiser_kind', 'sex', 'school_year'],
        {
            'pupils': 'graded_pupils_y9',
            'eligible_vocational_share': 'eligible_vocational_y9',
            'eligible_arts_share': 'eligible_arts_y9',
            'eligible_social_share': 'eligible_social_y9',
            'eligible_science_share': 'eligible_science_y9'
        },
        base='graded_pupils'
    ) | indent(4) }}

),

tests_long as (

    {{ long_measures(
        'tests_by_sex',
        ['municipality_code', 'organiser_kind', 'sex', 'school_year', 'subject'],
        {'points': 'test_points', 'passed': 'test_passed', 'participated': 'test_participated'},
        base='pupils'
    ) | indent(4) }}

),

-- What a pupil costs in upper secondary school is another measure than in compulsory school.
{% for school_form, suffix in {'gr': '', 'gy': '_gy'}.items() %}
costs_{{ school_form }}_long as (

    {{ long_measures(
        'costs_' ~ school_form,
        ['municipality_code', 'organiser_kind', 'sex', 'school_year'],
        {
            'pupils_mean': 'cost_pupils_mean' ~ suffix,
            'total_tkr': 'cost_total_tkr' ~ suffix,
            'teaching_tkr': 'cost_teaching_tkr' ~ suffix,
            'total_per_pupil': 'cost_per_pupil_total' ~ suffix,
            'teaching_per_pupil': 'cost_per_pupil_teaching' ~ suffix,
            'premises_per_pupil': 'cost_per_pupil_premises' ~ suffix,
            'meals_per_pupil': 'cost_per_pupil_meals' ~ suffix,
            'materials_per_pupil': 'cost_per_pupil_materials' ~ suffix,
            'health_per_pupil': 'cost_per_pupil_health' ~ suffix,
            'other_per_pupil': 'cost_per_pupil_other' ~ suffix
        }
    ) | indent(4) }}

),
{% endfor %}
observed as (

    {%- for relation in ['y6_long', 'pupils_long', 'teachers_long', 'eligibility_long', 'costs_gr_long',
        'costs_gy_long'] %}
    select
        municipality_code,
        organiser_kind,
        sex,
        school_year,
        measure_id,
        'siris' as source_id,
        1 as source_rank,
        value,
        value_status,
        base_count
    from {{ relation }}

    union all
    {% endfor %}
    select
        municipality_code,
        organiser_kind,
        sex,
        school_year,
        measure_id || '_' || subject || '_y9' as measure_id,
        'siris' as source_id,
        1 as source_rank,
        value,
        value_status,
        base_count
    from tests_long

    union all

    select
        municipality_code,
        organiser_kind,
        sex,
        school_year,
        measure_id,
        'kolada' as source_id,
        2 as source_rank,
        value,
        value_status,
        null as base_count
    from kolada

)

select
    observed.municipality_code,
    observed.organiser_kind,
    observed.sex,
    observed.school_year,
    observed.measure_id,
    observed.source_id,
    observed.source_rank,
    observed.value,
    observed.value_status,
    observed.base_count
from observed
where observed.value_status <> 'not_delivered'
