-- Percent of the persons with a post whom the register of duties knows, by school year.
with staff as (

    select person_key
    from dim_staff

)

select
    posts.school_year,
    count(*) as n_posts,
    100 * count(staff.person_key) / cast(count(*) as double) as percent_known
from fct_staff_assignment as posts
left join staff
    on posts.person_key = staff.person_key
group by posts.school_year
