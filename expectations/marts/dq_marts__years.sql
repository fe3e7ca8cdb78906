-- Years from one period of a mart to its next.
select
    mart,
    cast(left(period, 4) as integer)
    - lag(cast(left(period, 4) as integer)) over (partition by mart order by period) as years_on
from dq_marts
where period <> 'all'
