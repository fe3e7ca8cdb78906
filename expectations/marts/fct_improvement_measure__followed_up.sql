-- Measures that aim at something and began a year before the latest: how many, and percent with both figures.
with latest as (

    select max(coalesce(starts_on, decided_on)) as began_on from fct_improvement_measure

)

select
    count(*) as n_begun,
    100.0 * count(*) filter (where decided.status = 'ok') / count(*) as percent_ok
from fct_improvement_measure as decided
cross join latest
where
    decided.measure_id is not null
    and coalesce(decided.starts_on, decided.decided_on) < latest.began_on - 365
