-- Groups each pupil belongs to on 15 October: one row per pupil, unit, school year and school form. What is
-- not known is a group of its own. A person with protected identity is counted in totals and in no group.

with pupils as (

    select * from {{ ref('int_persons__october') }}

),

background as (

    select * from {{ ref('stg_deliveries__background') }}

)

select
    pupils.person_key,
    pupils.unit_key,
    pupils.school_year,
    pupils.school_form,
    pupils.year_group,
    pupils.is_protected,
    case
        when pupils.is_protected then 'unknown'
        when pupils.sex = 'female' then 'girls'
        when pupils.sex = 'male' then 'boys'
        else 'unknown'
    end as sex,
    case
        when pupils.is_protected then 'unknown'
        when background.parents_education = 'forgymnasial' then 'compulsory'
        when background.parents_education = 'gymnasial' then 'upper_secondary'
        when background.parents_education = 'eftergymnasial' then 'higher'
        else 'unknown'
    end as parents_education,
    case
        when pupils.is_protected or background.foreign_background is null then 'unknown'
        when background.foreign_background then 'yes'
        else 'no'
    end as foreign_background,
    case
        when pupils.is_protected or background.newly_arrived is null then 'unknown'
        when background.newly_arrived then 'yes'
        else 'no'
    end as newly_arrived,
    case
        when pupils.is_protected or background.newly_immigrated is null then 'unknown'
        when background.newly_immigrated then 'yes'
        else 'no'
    end as newly_immigrated
from pupils
left join background
    on
        pupils.person_key = background.person_key
        and pupils.school_year = background.school_year
