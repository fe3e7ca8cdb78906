{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='person_key',
        on_schema_change='fail',
        pre_hook="{% if is_incremental() %}delete from {{ this }} where person_key not in (select person_key from {{ ref('int_own__grades') }}){% endif %}",
        post_hook="{% if builds_only_changes() %}{{ note_change() }}{% endif %}"
    )
}}

with grades as (

    select * from {{ ref('int_own__grades') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

-- What a pupil's grades are made of: another grade, correction or key is another fingerprint.
pupils as (

    select
        person_key,
        cast(sum(cast(hash(
            grade_id, unit_key, school_year, semester, school_form, year_group, subject_code, course_code,
            course_points, grade_value, grade_scale, points, is_passed, is_final, is_trial, is_converted,
            has_adapted_study_plan, correction_type, registered_on, is_enrolled_in_form, is_late, is_counted
        ) as hugeint)) as varchar) as built_from
    from grades
    group by person_key

),
{% if is_incremental() %}

built as (

    select
        person_key,
        min(built_from) as built_from
    from {{ this }}
    group by person_key

),
{% endif %}

to_build as (

    select
        pupils.person_key,
        pupils.built_from
    from pupils
    {% if is_incremental() %}
    left join built
        on pupils.person_key = built.person_key
    where pupils.built_from is distinct from built.built_from
    {% endif %}

)

select
    grades.grade_id,
    grades.person_key,
    grades.unit_key,
    grades.school_year,
    grades.semester,
    grades.school_form,
    grades.year_group,
    grades.subject_code,
    grades.course_code,
    grades.course_points,
    grades.grade_value,
    grades.grade_scale,
    cast(grades.points as decimal(6, 2)) as points,
    grades.is_passed,
    grades.is_final,
    grades.is_trial,
    grades.is_converted,
    grades.has_adapted_study_plan,
    grades.correction_type,
    grades.registered_on,
    grades.is_enrolled_in_form,
    grades.is_late,
    grades.is_counted,
    coalesce(units.is_made_up, false) as is_made_up,
    to_build.built_from
from grades
inner join to_build
    on grades.person_key = to_build.person_key
left join units
    on grades.unit_key = units.unit_key
