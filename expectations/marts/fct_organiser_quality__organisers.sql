-- Numbers of pupils and staff against each other, per organiser and school year.
select
    organiser_number,
    school_year,
    sum(value) filter (where measure_id = 'staff_fte')
    - sum(value) filter (where measure_id = 'teachers_fte') as other_staff,
    sum(value) filter (where measure_id = 'pupils')
    / nullif(sum(value) filter (where measure_id = 'teachers_fte'), 0)
    - sum(value) filter (where measure_id = 'pupils_per_teacher') as ratio_off
from fct_organiser_quality
where measure_id in ('pupils', 'teachers_fte', 'staff_fte', 'pupils_per_teacher')
group by organiser_number, school_year, group_id
