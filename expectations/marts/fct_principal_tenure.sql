-- The heads of a unit that is known.
select
    tenure.unit_key,
    tenure.school_year,
    tenure.n_principals,
    tenure.is_vacant,
    tenure.n_principals_in_window,
    tenure.is_high_turnover,
    tenure.n_still_there_after_1_years
from fct_principal_tenure as tenure
inner join dim_unit as units
    on tenure.unit_key = units.unit_key and units.is_current
