-- Numbers of staff and pupils against each other, per unit and school year.
select
    staff.unit_key,
    staff.school_year,
    max(staff.value) filter (where staff.measure_id = 'staff_fte')
    - max(staff.value) filter (where staff.measure_id = 'teachers_fte') as other_staff,
    max(pupils.value) / nullif(max(staff.value) filter (where staff.measure_id = 'teachers_fte'), 0)
    - max(staff.value) filter (where staff.measure_id = 'pupils_per_teacher') as ratio_off
from fct_unit_staffing as staff
left join fct_unit_composition as pupils
    on
        staff.unit_key = pupils.unit_key
        and staff.school_year = pupils.school_year
        and staff.group_id = pupils.group_id
        and pupils.measure_id = 'pupils'
where staff.measure_id in ('staff_fte', 'teachers_fte', 'pupils_per_teacher') and staff.group_id = 'all'
group by staff.unit_key, staff.school_year
