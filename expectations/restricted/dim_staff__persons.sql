-- Percent of staff who are pupils too, and who were not 16-80 when their first duty began: one row.
with pupils as (

    select person_key
    from dim_pupil

),

staff as (

    select
        person_key,
        birth_month,
        date_diff('year', strptime(birth_month, '%Y-%m'), first_date) as age
    from dim_staff

)

select
    100 * count(pupils.person_key) / cast(count(*) as double) as percent_pupils,
    100 * count(*) filter (where staff.age not between 16 and 80)
    / cast(nullif(count(staff.birth_month), 0) as double) as percent_of_odd_age
from staff
left join pupils
    on staff.person_key = pupils.person_key
