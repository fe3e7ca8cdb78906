-- Pupils' own results in numbers, with the groups they belong to: one row per pupil, unit, school year and
-- measure. A pupil with protected identity belongs to no group.
--
-- Svenska and svenska som andraspråk sit the same test.

with final_grades as (

    select * from {{ ref('int_own__final_grades') }}

),

grades as (

    select * from {{ ref('int_own__grades') }}

),

tests as (

    select * from {{ ref('int_outcomes__national_tests') }}

),

groups as (

    select
        person_key,
        school_year,
        min(sex) as sex,
        min(parents_education) as parents_education,
        min(foreign_background) as foreign_background,
        min(newly_arrived) as newly_arrived
    from {{ ref('int_composition__pupil_groups') }}
    where school_form = 'gr'
    group by person_key, school_year

),

results as (

    select
        person_key,
        unit_key,
        school_year,
        'merit_value_y9' as measure_id,
        cast(merit_value as decimal(18, 4)) as result
    from final_grades
    where n_passed > 0

    union all

    select
        person_key,
        unit_key,
        school_year,
        'grade_points_y6' as measure_id,
        cast(sum(points) as decimal(18, 4)) / nullif(count(points), 0) as result
    from grades
    where school_form = 'gr' and year_group = 6 and semester = 'VT' and is_counted and not is_trial
    group by person_key, unit_key, school_year

    union all

    select
        person_key,
        unit_key,
        school_year,
        'test_score_'
        || case subject_code when 'MA' then 'maths' when 'EN' then 'english' else 'swedish' end
        || '_y' || year_group as measure_id,
        cast(points as decimal(18, 4)) as result
    from tests
    where subject_code in ('MA', 'EN', 'SV', 'SVA')

)

select
    results.person_key,
    results.unit_key,
    results.school_year,
    results.measure_id,
    cast(results.result as decimal(18, 4)) as result,
    coalesce(groups.sex, 'unknown') as sex,
    coalesce(groups.parents_education, 'unknown') as parents_education,
    coalesce(groups.foreign_background, 'unknown') as foreign_background,
    coalesce(groups.newly_arrived, 'unknown') as newly_arrived
from results
left join groups
    on
        results.person_key = groups.person_key
        and results.school_year = groups.school_year
where results.result is not null and results.unit_key is not null
