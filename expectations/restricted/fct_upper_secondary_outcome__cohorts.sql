-- Percent with a diploma of everyone who started, by year of start.
select
    start_year,
    count(*) as n_started,
    100 * count(*) filter (where outcome = 'pagar') / cast(count(*) as double) as percent_going_on,
    100 * count(*) filter (where outcome = 'examen') / cast(count(*) as double) as percent_diploma
from fct_upper_secondary_outcome
group by start_year
