-- A municipality's costs of a year: kronor per pupil in no part, and amount over pupils against the cost.
select
    municipality_code,
    school_year,
    sum(value) filter (where measure_id = 'cost_per_pupil_total')
    - sum(value) filter (
        where starts_with(measure_id, 'cost_per_pupil_') and measure_id <> 'cost_per_pupil_total'
    ) as outside_parts,
    1000.0 * sum(value) filter (where measure_id = 'cost_total_tkr')
    / nullif(sum(value) filter (where measure_id = 'cost_pupils_mean'), 0)
    / nullif(sum(value) filter (where measure_id = 'cost_per_pupil_total'), 0) as ratio
from fct_municipality_resources
group by municipality_code, school_year, group_id
