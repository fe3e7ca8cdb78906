-- Children and pupils: one row per person who has been enrolled, placed, graded or offered teaching, with
-- the unit of the spell that is going on or ended last.

with known as (

    select * from {{ ref('int_persons__known') }}

),

spells as (

    select * from {{ ref('int_persons__enrolled') }}

),

background as (

    select * from {{ ref('int_persons__background') }}

),

spoken_of as (

    select person_key from spells

    union all

    select person_key from {{ ref('int_own__grades') }}

    union all

    select person_key from {{ ref('int_own__attendance') }}

),

pupils as (

    select person_key from spoken_of
    group by person_key

),

-- Educare is beside school: the school is where the pupil belongs.
last_spells as (

    select
        person_key,
        unit_key,
        school_form,
        year_group
    from spells
    qualify
        row_number() over (
            partition by person_key
            order by
                school_form = 'fth' asc,
                coalesce(end_date, date '9999-12-31') desc,
                start_date desc,
                enrolment_key asc
        ) = 1

),

periods as (

    select
        person_key,
        min(start_date) as first_date,
        nullif(max(coalesce(end_date, date '9999-12-31')), date '9999-12-31') as last_date
    from spells
    group by person_key

)

select
    pupils.person_key,
    known.birth_month,
    known.sex,
    known.is_protected,
    known.person_status,
    last_spells.unit_key,
    last_spells.school_form,
    last_spells.year_group,
    periods.first_date,
    periods.last_date,
    background.background_school_year,
    background.parents_education,
    background.foreign_background,
    background.newly_arrived,
    background.newly_immigrated
from pupils
inner join known
    on pupils.person_key = known.person_key
left join last_spells
    on pupils.person_key = last_spells.person_key
left join periods
    on pupils.person_key = periods.person_key
left join background
    on pupils.person_key = background.person_key
