-- Percentage points by which more are eligible for a vocational programme than for any other, per unit and
-- year.
select
    school_year,
    unit_key,
    max(value) filter (where measure_id = 'eligible_vocational_y9')
    - max(value) filter (
        where measure_id in ('eligible_arts_y9', 'eligible_science_y9', 'eligible_social_y9')
    )
        as more_for_vocational
from fct_unit_results
where group_id = 'all'
group by school_year, unit_key
