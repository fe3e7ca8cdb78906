-- Final grades of compulsory school: one row per pupil, unit and school year. Pupils with grades, and those
-- in year 9 on 1 June who should have had them (all counts are then zero). Prövningar are left out: the
-- figures are about what the school gave.
--
-- The merit value is the sum of the sixteen best grades, and of the modern language as a seventeenth.

with grades as (

    select * from {{ ref('int_own__grades') }}
    where school_form = 'gr' and is_final and not is_trial and is_counted

),

spells as (

    select * from {{ ref('int_persons__enrolled') }}
    where school_form = 'gr' and year_group = 9

),

graded_years as (

    select
        school_year,
        make_date({{ autumn_of('school_year') }} + 1, 6, 1) as counted_on
    from grades
    group by school_year

),

ranked as (

    select
        *,
        subject_code in ('M1', 'M2') as is_modern_language,
        row_number() over (
            partition by person_key, unit_key, school_year, subject_code in ('M1', 'M2')
            order by points desc nulls last, subject_code asc
        ) as place
    from grades

),

by_pupil as (

    select
        person_key,
        unit_key,
        school_year,
        count(*) as n_grades,
        count(*) filter (where is_passed) as n_passed,
        coalesce(
            sum(points) filter (where place <= case when is_modern_language then 1 else 16 end), 0
        ) as merit_value,
        count(*) filter (where is_passed and subject_code in ('SV', 'SVA')) as n_swedish,
        count(*) filter (where is_passed and subject_code in ('EN', 'MA')) as n_english_mathematics,
        count(*) filter (where is_passed and subject_code in ('GE', 'HI', 'SH', 'RE')) as n_social,
        count(*) filter (where is_passed and subject_code in ('BI', 'FY', 'KE')) as n_science
    from ranked
    group by person_key, unit_key, school_year

),

should_have as (

    select
        spells.person_key,
        spells.unit_key,
        graded_years.school_year
    from spells
    inner join graded_years
        on
            spells.start_date <= graded_years.counted_on
            and coalesce(spells.end_date, date '9999-12-31') >= graded_years.counted_on
    group by spells.person_key, spells.unit_key, graded_years.school_year

),

everyone as (

    select
        coalesce(by_pupil.person_key, should_have.person_key) as person_key,
        coalesce(by_pupil.unit_key, should_have.unit_key) as unit_key,
        coalesce(by_pupil.school_year, should_have.school_year) as school_year,
        coalesce(by_pupil.n_grades, 0) as n_grades,
        coalesce(by_pupil.n_passed, 0) as n_passed,
        coalesce(by_pupil.merit_value, 0) as merit_value,
        coalesce(by_pupil.n_swedish > 0 and by_pupil.n_english_mathematics = 2, false) as has_core_subjects,
        coalesce(by_pupil.n_social = 4, false) as has_social_subjects,
        coalesce(by_pupil.n_science = 3, false) as has_science_subjects
    from by_pupil
    full join should_have
        on
            by_pupil.person_key = should_have.person_key
            and by_pupil.unit_key = should_have.unit_key
            and by_pupil.school_year = should_have.school_year

)

select
    person_key,
    unit_key,
    school_year,
    n_grades,
    n_passed,
    merit_value,
    n_grades > 0 and n_passed = n_grades as is_passed_all,
    -- Swedish, English, mathematics and five others; for programmes preparing for higher education nine
    -- others.
    has_core_subjects and n_passed >= 8 as is_eligible_vocational,
    has_core_subjects and n_passed >= 12 as is_eligible_arts,
    has_core_subjects and n_passed >= 12 and has_social_subjects as is_eligible_social,
    has_core_subjects and n_passed >= 12 and has_science_subjects as is_eligible_science
from everyone
where unit_key is not null
