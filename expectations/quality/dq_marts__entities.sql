-- Whether whom a mart was about when the last release was built is still in it, in whatever period.
with now as (

    select
        mart,
        entity_key
    from dq_marts
    group by mart, entity_key

),

earlier as (

    select
        mart,
        entity_key
    from last.dq_marts
    group by mart, entity_key

)

select
    earlier.mart,
    earlier.entity_key,
    case when now.mart is null then 0 else 1 end as n_now
from earlier
left join now
    on earlier.mart = now.mart and earlier.entity_key = now.entity_key
