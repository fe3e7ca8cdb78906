-- Outcome over budget of the units that have both, per calendar year.
with units as (

    select
        unit_key,
        calendar_year,
        sum(amount_kronor) filter (where kind = 'budget' and component = 'all') as budget,
        sum(amount_kronor) filter (where kind = 'utfall' and component = 'all') as outcome
    from fct_unit_resources
    group by unit_key, calendar_year

)

select
    calendar_year,
    sum(outcome) filter (where budget is not null)
    / nullif(sum(budget) filter (where outcome is not null), 0) as outcome_to_budget
from units
group by calendar_year
