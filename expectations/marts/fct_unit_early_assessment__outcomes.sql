-- Assessed pupils apart from those of the three outcomes, and of those enrolled, by unit, year and area.
select
    unit_key,
    school_year,
    assessment,
    area,
    cast(abs(numerator + n_at_risk + n_support - denominator) as double) as pupils_apart,
    cast(denominator as double) as n_assessed,
    cast(denominator as double) - n_pupils as more_than_enrolled
from fct_unit_early_assessment
