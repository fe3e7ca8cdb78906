-- A municipality's costs of a year, by school form: kronor per pupil in no part, and amount over pupils by
-- the cost. Of fewer than fifty pupils their rounded number says nothing of the ratio.
with costs as (

    select
        municipality_code,
        school_year,
        group_id,
        if(ends_with(measure_id, '_gy'), 'gy', 'gr') as school_form,
        regexp_replace(measure_id, '_gy$', '') as measure_id,
        value
    from fct_municipality_resources

)

select
    municipality_code,
    school_year,
    school_form,
    sum(value) filter (where measure_id = 'cost_per_pupil_total')
    - sum(value) filter (
        where starts_with(measure_id, 'cost_per_pupil_') and measure_id <> 'cost_per_pupil_total'
    ) as outside_parts,
    case
        when sum(value) filter (where measure_id = 'cost_pupils_mean') >= 50
            then
                1000.0 * sum(value) filter (where measure_id = 'cost_total_tkr')
                / sum(value) filter (where measure_id = 'cost_pupils_mean')
                / nullif(sum(value) filter (where measure_id = 'cost_per_pupil_total'), 0)
    end as ratio
from costs
group by municipality_code, school_year, group_id, school_form
