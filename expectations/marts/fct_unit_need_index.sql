-- The index of a unit with its municipality.
select
    need.unit_key,
    need.school_year,
    units.municipality_code,
    need.n_pupils,
    need.coverage,
    need.expected_share,
    need.index_value
from fct_unit_need_index as need
inner join dim_unit as units
    on need.unit_key = units.unit_key and units.is_current
