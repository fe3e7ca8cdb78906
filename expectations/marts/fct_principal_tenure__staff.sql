-- How many more heads a unit has than among its delivered staff, per school year with staff.
with assigned as (

    select
        unit_key,
        school_year,
        count(distinct person_key) as n_assigned
    from restricted.fct_staff_assignment
    where category = 'principal' and is_employed_on_october_15
    group by unit_key, school_year

)

select
    tenure.unit_key,
    tenure.school_year,
    tenure.n_principals - assigned.n_assigned as n_more
from fct_principal_tenure as tenure
left join assigned
    on tenure.unit_key = assigned.unit_key and tenure.school_year = assigned.school_year
