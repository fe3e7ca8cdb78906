-- Mean index of the pupils whose background is known, per municipality and school year.
select
    units.municipality_code,
    need.school_year,
    sum(need.n_pupils * need.coverage * need.index_value)
    / nullif(sum(need.n_pupils * need.coverage) filter (where need.index_value is not null), 0) as mean_index
from fct_unit_need_index as need
inner join dim_unit as units
    on need.unit_key = units.unit_key and units.is_current
group by units.municipality_code, need.school_year
