-- Percent of the units in which safety and calm have the very same index, per respondent and school year.
select
    replace(safety.measure_id, 'survey_safety_', '') as respondent,
    safety.school_year,
    100.0 * count(*) filter (where safety.value = calm.value) / count(*) as percent_equal
from fct_unit_survey as safety
inner join fct_unit_survey as calm
    on
        safety.unit_key = calm.unit_key
        and safety.school_year = calm.school_year
        and safety.group_id = calm.group_id
        and replace(safety.measure_id, 'survey_safety_', 'survey_study_calm_') = calm.measure_id
where starts_with(safety.measure_id, 'survey_safety_') and safety.value is not null and calm.value is not null
group by safety.measure_id, safety.school_year
having count(*) >= 50
