-- Pupils per full-time teacher in a municipality's schools, per school year.
select
    teachers.municipality_code,
    teachers.school_year,
    pupils.value / nullif(teachers.value, 0) as pupils_per_teacher
from fct_municipality_staffing as teachers
inner join fct_municipality_composition as pupils
    on
        teachers.municipality_code = pupils.municipality_code
        and teachers.school_year = pupils.school_year
        and teachers.group_id = pupils.group_id
where teachers.measure_id = 'teachers_fte' and teachers.group_id = 'all' and pupils.measure_id = 'pupils'
