-- Grades with the pupil's and the unit's keys, the subject and what the value is worth: one row per grade,
-- its latest version. Read by an incremental fact, so it is a view.
--
-- A grade belongs to the school year of its term; without a term, to that of the day it was registered. Of
-- several grades of one pupil in one subject, course and term the one registered last counts; a prövning
-- counts beside.
{{ config(materialized='view') }}

with grades as (

    select * from {{ ref('stg_ss12000__grades') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

syllabuses as (

    select * from {{ ref('stg_ss12000__syllabuses') }}

),

school_types as (

    select * from {{ ref('xwalk_ss12000_school_types') }}

),

scales as (

    select * from {{ ref('ref_grade_scales') }}

),

october as (

    select
        person_key,
        school_year,
        school_form,
        min(unit_key) as unit_key,
        max(year_group) as year_group
    from {{ ref('int_persons__october') }}
    group by person_key, school_year, school_form

),

-- Pupils who came after 15 October.
arrived as (

    select
        person_key,
        {{ school_year_of('start_date') }} as school_year,
        school_form,
        min(unit_key) as unit_key,
        max(year_group) as year_group
    from {{ ref('int_persons__enrolled') }}
    group by person_key, {{ school_year_of('start_date') }}, school_form

),

dated as (

    select
        grades.id as grade_id,
        persons.person_key,
        grades.unit_key,
        case
            when grades.semester = 'HT' and grades.year is not null
                then {{ school_year_from_autumn('grades.year') }}
            when grades.semester = 'VT' and grades.year is not null
                then {{ school_year_from_autumn('(grades.year - 1)') }}
            else {{ school_year_of('grades.registered_date') }}
        end as school_year,
        case
            when grades.semester in ('HT', 'VT') then grades.semester
            when month(grades.registered_date) >= 7 then 'HT'
            else 'VT'
        end as semester,
        grades.registered_date as registered_on,
        grades.meta_modified,
        school_types.school_form,
        upper(coalesce(syllabuses.subject_designation, syllabuses.subject_code)) as subject_code,
        syllabuses.course_code,
        syllabuses.points as course_points,
        case
            when upper(trim(grades.grade_value)) in ('-', '–', '—', '_', 'STRECK') then '-'
            else upper(trim(grades.grade_value))
        end as grade_value,
        coalesce(grades.final_grade, false) as is_final,
        coalesce(grades.trial, false) as is_trial,
        coalesce(grades.converted, false) as is_converted,
        coalesce(grades.has_adapted_study_plan, false) as has_adapted_study_plan,
        grades.correction_type
    from grades
    inner join persons
        on grades.student_key = persons.person_id_key
    inner join syllabuses
        on grades.syllabus_id = syllabuses.id
    left join school_types
        on syllabuses.school_type = school_types.school_type

)

select
    dated.grade_id,
    dated.person_key,
    coalesce(dated.unit_key, october.unit_key, arrived.unit_key) as unit_key,
    dated.school_year,
    dated.semester,
    dated.school_form,
    cast(coalesce(october.year_group, arrived.year_group) as integer) as year_group,
    dated.subject_code,
    dated.course_code,
    dated.course_points,
    dated.grade_value,
    scales.scale as grade_scale,
    scales.points,
    scales.is_passed,
    dated.is_final,
    dated.is_trial,
    dated.is_converted,
    dated.has_adapted_study_plan,
    dated.correction_type,
    dated.registered_on,
    -- A grade in a form of schooling the pupil was not in that school year is somebody's mistake.
    october.person_key is not null or arrived.person_key is not null as is_enrolled_in_form,
    -- The autumn term ends with the calendar year, the spring term with the school year.
    dated.registered_on > case
        when dated.semester = 'HT' then make_date({{ autumn_of('dated.school_year') }}, 12, 31)
        else make_date({{ autumn_of('dated.school_year') }} + 1, 6, 30)
    end as is_late,
    row_number() over (
        partition by
            dated.person_key,
            dated.school_year,
            dated.semester,
            dated.subject_code,
            dated.course_code,
            dated.is_trial
        order by dated.registered_on desc, dated.meta_modified desc nulls last, dated.grade_id asc
    ) = 1 as is_counted
from dated
left join october
    on
        dated.person_key = october.person_key
        and dated.school_year = october.school_year
        and dated.school_form = october.school_form
left join arrived
    on
        dated.person_key = arrived.person_key
        and dated.school_year = arrived.school_year
        and dated.school_form = arrived.school_form
left join scales
    on
        dated.grade_value = scales.value
        and dated.registered_on >= scales.valid_from
        and dated.registered_on <= coalesce(scales.valid_to, date '9999-12-31')
