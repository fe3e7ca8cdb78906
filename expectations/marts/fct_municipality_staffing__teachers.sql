-- Numbers of teachers against each other, per municipality, school year and kind of organiser.
select
    municipality_code,
    school_year,
    group_id,
    sum(value) filter (where measure_id = 'teachers_fte')
    - sum(value) filter (where measure_id = 'certified_fte') as fte_not_certified,
    sum(value) filter (where measure_id = 'teachers_heads')
    - sum(value) filter (where measure_id = 'teachers_fte') as persons_over_fte,
    sum(value) filter (where measure_id = 'certified_heads_share')
    - 100 * sum(value) filter (where measure_id = 'certified_heads')
    / nullif(sum(value) filter (where measure_id = 'teachers_heads'), 0) as share_off
from fct_municipality_staffing
group by municipality_code, school_year, group_id
