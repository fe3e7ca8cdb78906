with transitions as (

    select * from {{ ref('int_persons__transitions') }}

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
    transitions.person_key,
    transitions.school_year,
    transitions.unit_key,
    transitions.school_form,
    transitions.year_group,
    transitions.next_unit_key,
    transitions.next_school_form,
    transitions.next_year_group,
    transitions.transition,
    transitions.is_forced_change,
    transitions.is_changed_education,
    transitions.is_last_year_group,
    persons.is_protected,
    coalesce(units.is_made_up, false) as is_made_up
from transitions
inner join persons
    on transitions.person_key = persons.person_key
left join units
    on transitions.unit_key = units.unit_key
