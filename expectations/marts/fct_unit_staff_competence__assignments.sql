-- Full-time teachers of units apart from their posts on 15 October, by school year.
with posts as (

    select
        school_year,
        sum(fte_percent) / 100 as teachers_fte
    from restricted.fct_staff_assignment
    where is_teacher and is_employed_on_october_15 and fte_percent > 0
    group by school_year

),

units as (

    select
        school_year,
        sum(value) as teachers_fte
    from fct_unit_staff_competence
    where measure_id = 'teachers_fte'
    group by school_year

)

select
    posts.school_year,
    abs(cast(posts.teachers_fte as double) - coalesce(units.teachers_fte, 0)) as teachers_apart
from posts
left join units
    on posts.school_year = units.school_year
