-- Full-time teachers of all subjects apart from the row of all, by unit and school year.
select
    unit_key,
    school_year,
    cast(abs(
        coalesce(sum(denominator) filter (where subject_code <> 'all' and stage = 'all'), 0)
        - coalesce(sum(denominator) filter (where subject_code = 'all' and stage = 'all'), 0)
    ) as double) as subjects_apart
from fct_unit_staff_competence
where measure_id = 'qualified_fte_share'
group by unit_key, school_year
