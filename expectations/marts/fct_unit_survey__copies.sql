-- Percent of the units in which safety and calm have the very same index, per survey and school year.
select
    safety.measure_id,
    safety.school_year,
    100.0 * count(*) filter (where safety.value = calm.value) / count(*) as percent_equal
from fct_unit_survey as safety
inner join fct_unit_survey as calm
    on
        safety.unit_key = calm.unit_key
        and safety.school_year = calm.school_year
        and safety.group_id = calm.group_id
        and replace(safety.measure_id, '_safety_', '_study_calm_') = calm.measure_id
where contains(safety.measure_id, '_safety_') and safety.value is not null and calm.value is not null
group by safety.measure_id, safety.school_year
having count(*) >= 50
