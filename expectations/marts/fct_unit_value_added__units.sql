-- Actual against expected and deviation, and against the unit's own result, per unit and school year.
select
    salsa.unit_key,
    salsa.school_year,
    max(salsa.value) filter (where salsa.measure_id = 'value_added_merit_actual')
    - max(salsa.value) filter (where salsa.measure_id = 'value_added_merit_expected')
    - max(salsa.value) filter (where salsa.measure_id = 'value_added_merit_deviation') as deviation_off,
    max(salsa.value) filter (where salsa.measure_id = 'value_added_merit_actual')
    - max(results.value) as merit_off
from fct_unit_value_added as salsa
left join fct_unit_results as results
    on
        salsa.unit_key = results.unit_key
        and salsa.school_year = results.school_year
        and salsa.group_id = results.group_id
        and results.measure_id = 'merit_value_y9'
group by salsa.unit_key, salsa.school_year
