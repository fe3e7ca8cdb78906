-- Full-time teachers who are certified less those qualified for something they teach, by unit and year.
select
    unit_key,
    school_year,
    cast(
        max(numerator) filter (where measure_id = 'certified_fte_share')
        - max(numerator) filter (where measure_id = 'qualified_any_fte_share')
        as double
    ) as more_certified
from fct_unit_staff_competence
where measure_id in ('certified_fte_share', 'qualified_any_fte_share')
group by unit_key, school_year
