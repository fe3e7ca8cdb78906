-- Pupils of units who are in no municipality, in percent, by school year.
select
    school_year,
    100 - 100 * count(distinct person_key) filter (where entity_type = 'municipality')
    / cast(count(distinct person_key) filter (where entity_type = 'unit') as double) as percent_lost
from fct_pupil_attendance_year
group by school_year
