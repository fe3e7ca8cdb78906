-- Outcomes that contradict their date, by year of start.
select
    start_year,
    count(*) filter (where outcome = 'pagar' and outcome_on is not null) as n_going_on_with_date,
    100 * count(*) filter (where outcome <> 'pagar' and outcome_on is null) / cast(count(*) as double)
        as percent_without_date
from fct_upper_secondary_outcome
group by start_year
