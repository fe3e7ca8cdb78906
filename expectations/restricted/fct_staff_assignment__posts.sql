-- Posts counted as qualified whose holder has no certificate, by school year.
select
    school_year,
    count(*) filter (where is_qualified_any and not is_certified) as n_without_certificate
from fct_staff_assignment
group by school_year
