with spells as (

    select * from {{ ref('int_persons__enrolled') }}

),

persons as (

    select
        person_key,
        is_protected
    from {{ ref('int_persons__known') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    spells.enrolment_key,
    spells.person_key,
    spells.unit_key,
    spells.school_form,
    {{ school_year_of('spells.start_date') }} as school_year,
    cast(spells.year_group as integer) as year_group,
    spells.education_code,
    spells.start_date,
    spells.end_date,
    spells.stated_end_date,
    spells.is_end_inferred,
    spells.is_overlapping,
    spells.is_cancelled,
    spells.kind,
    spells.n_delivered,
    persons.is_protected,
    coalesce(units.is_made_up, false) as is_made_up
from spells
inner join persons
    on spells.person_key = persons.person_key
left join units
    on spells.unit_key = units.unit_key
