-- Kronor by which a unit's share is off from pupils times index, per unit, school year and school form.
select
    unit_key,
    school_year,
    school_form,
    calculated_kronor
    - pool_kronor * n_pupils * index_used
    / nullif(sum(n_pupils * index_used) over (partition by school_year, school_form), 0) as kronor_off
from fct_structural_compensation
where school_form <> 'all' and n_pupils > 0
