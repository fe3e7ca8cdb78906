-- Percent of the units that are vacant, and of the heads that are there a year later, per school year.
select
    school_year,
    100.0 * count(*) filter (where is_vacant) / count(*) as percent_vacant,
    sum(n_principals) filter (where n_still_there_after_1_years is not null) as n_heads,
    100.0 * sum(n_still_there_after_1_years)
    / nullif(sum(n_principals) filter (where n_still_there_after_1_years is not null), 0) as percent_stayed
from fct_principal_tenure
group by school_year
