-- Where children and pupils go, in spells: one row per person, unit, school form, first day and education
-- code. Enrolments and placements alike. The standard gives enrolments no id, so the key is made of what
-- they say.
--
-- The same enrolment delivered twice is one spell (`n_delivered`). A spell that is still going on when the
-- next one at the same unit and in the same form begins ends the day before (`is_end_inferred`). Spells at
-- two units at once are both kept and marked: nobody but the school knows which one is left over.

with enrolments as (

    select * from {{ ref('stg_ss12000__enrolments') }}

),

placements as (

    select * from {{ ref('stg_ss12000__placements') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

delivered as (

    select
        persons.person_key,
        enrolments.unit_key,
        enrolments.school_form,
        case
            when enrolments.school_form = 'fsk' then 0
            when enrolments.school_form not in ('fs', 'fth') then enrolments.school_year
        end as year_group,
        enrolments.education_code,
        enrolments.start_date,
        enrolments.end_date,
        coalesce(enrolments.cancelled, false) as is_cancelled,
        'enrolment' as kind
    from enrolments
    inner join persons
        on enrolments.person_id_key = persons.person_id_key

    union all

    select
        persons.person_key,
        placements.unit_key,
        placements.school_form,
        null as year_group,
        null as education_code,
        placements.start_date,
        placements.end_date,
        false as is_cancelled,
        'placement' as kind
    from placements
    inner join persons
        on placements.child_key = persons.person_id_key

),

spells as (

    select
        md5(
            person_key || '|' || unit_key || '|' || school_form || '|' || cast(start_date as varchar) || '|'
            || coalesce(education_code, '')
        ) as enrolment_key,
        person_key,
        unit_key,
        school_form,
        education_code,
        start_date,
        max(year_group) as year_group,
        nullif(max(coalesce(end_date, date '9999-12-31')), date '9999-12-31') as stated_end_date,
        bool_and(is_cancelled) as is_cancelled,
        min(kind) as kind,
        count(*) as n_delivered
    from delivered
    -- Forms that the warehouse does not follow, such as adult education.
    where school_form is not null
    group by person_key, unit_key, school_form, education_code, start_date

),

followed as (

    select
        *,
        min(start_date) over (
            partition by person_key, unit_key, school_form order by start_date
            range between interval 1 day following and unbounded following
        ) as next_start_date
    from spells

),

ended as (

    select
        * exclude (next_start_date),
        least(stated_end_date, next_start_date - 1) as end_date,
        coalesce(next_start_date <= coalesce(stated_end_date, date '9999-12-31'), false) as is_end_inferred,
        -- Preschool and educare go on beside school.
        case when school_form in ('fs', 'fth') then school_form else 'school' end as beside_school
    from followed

)

select
    * exclude (beside_school),
    coalesce(
        start_date <= max(coalesce(end_date, date '9999-12-31')) over (
            partition by person_key, beside_school order by start_date, enrolment_key
            rows between unbounded preceding and 1 preceding
        ), false
    )
    or coalesce(
        coalesce(end_date, date '9999-12-31') >= min(start_date) over (
            partition by person_key, beside_school order by start_date, enrolment_key
            rows between 1 following and unbounded following
        ), false
    ) as is_overlapping
from ended
