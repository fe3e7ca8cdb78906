-- Pupils of compulsory school who are alike, for the model of need: one row per unit, school year and
-- background, with how many there were on 15 October, and of how many in year 9 the final grades are known.
-- Background as numbers, null where it is not known.

with october as (

    select * from {{ ref('int_composition__pupil_groups') }}

),

final_grades as (

    select * from {{ ref('int_own__final_grades') }}

),

backgrounds as (

    select
        person_key,
        school_year,
        -- A pupil in two units or forms has the same background in both: any of them will do.
        min(sex) as sex,
        min(parents_education) as parents_education,
        min(foreign_background) as foreign_background,
        min(newly_arrived) as newly_arrived
    from october
    group by person_key, school_year

),

pupils as (

    select
        unit_key,
        school_year,
        sex,
        parents_education,
        foreign_background,
        newly_arrived,
        1 as n_pupils,
        0 as n_outcomes,
        0 as n_not_eligible
    from october
    where school_form = 'gr'

    union all

    select
        final_grades.unit_key,
        final_grades.school_year,
        backgrounds.sex,
        backgrounds.parents_education,
        backgrounds.foreign_background,
        backgrounds.newly_arrived,
        0 as n_pupils,
        1 as n_outcomes,
        case when final_grades.is_eligible_vocational then 0 else 1 end as n_not_eligible
    from final_grades
    left join backgrounds
        on
            final_grades.person_key = backgrounds.person_key
            and final_grades.school_year = backgrounds.school_year

),

coded as (

    select
        unit_key,
        school_year,
        n_pupils,
        n_outcomes,
        n_not_eligible,
        case sex when 'boys' then 1 when 'girls' then 0 end as is_boy,
        case parents_education when 'compulsory' then 1 when 'upper_secondary' then 0 when 'higher' then 0 end
            as parents_compulsory,
        case parents_education when 'compulsory' then 0 when 'upper_secondary' then 1 when 'higher' then 0 end
            as parents_upper_secondary,
        case foreign_background when 'yes' then 1 when 'no' then 0 end as has_foreign_background,
        case newly_arrived when 'yes' then 1 when 'no' then 0 end as is_newly_arrived
    from pupils

)

select
    unit_key,
    school_year,
    is_boy,
    parents_compulsory,
    parents_upper_secondary,
    has_foreign_background,
    is_newly_arrived,
    cast(sum(n_pupils) as bigint) as n_pupils,
    cast(sum(n_outcomes) as bigint) as n_outcomes,
    cast(sum(n_not_eligible) as bigint) as n_not_eligible
from coded
group by
    unit_key,
    school_year,
    is_boy,
    parents_compulsory,
    parents_upper_secondary,
    has_foreign_background,
    is_newly_arrived
