-- How far each count is inside the next larger one, by unit, school year, year group and subject.
select
    unit_key,
    school_year,
    year_group,
    subject_code,
    value,
    cast(denominator as double) as n_graded,
    cast(least(denominator - numerator, n_delivered - denominator) as double) as smallest_remainder
from fct_unit_national_test
