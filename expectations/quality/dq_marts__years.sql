-- Years from one period of a mart to its next.
with periods as (

    select
        mart,
        cast(left(period, 4) as integer) as starts_in
    from dq_marts
    where period <> 'all'
    group by mart, period

)

select
    mart,
    starts_in - lag(starts_in) over (partition by mart order by starts_in) as years_on
from periods
