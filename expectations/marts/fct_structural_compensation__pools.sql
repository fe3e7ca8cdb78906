-- Kronor of a pool that are left over, by index and by equal shares, per school year and school form.
select
    school_year,
    school_form,
    max(pool_kronor) - sum(calculated_kronor) as left_over,
    max(pool_kronor) - sum(equal_share_kronor) as equal_left_over
from fct_structural_compensation
where school_form <> 'all'
group by school_year, school_form
