-- Percentage points between a share and what its counts give.
select
    unit_key,
    school_year,
    assessment,
    area,
    abs(value - 100 * numerator / denominator) as off_by
from fct_unit_early_assessment
where value between 0 and 100 and denominator > 0
