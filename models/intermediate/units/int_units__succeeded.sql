-- Units that got a new code, with the code of their last successor: one row per former unit.

with recursive successions as (

    select * from {{ ref('xwalk_unit_succession') }}

),

chains as (

    select
        from_unit_key as unit_key,
        to_unit_key as successor_unit_key,
        1 as steps
    from successions

    union all

    select
        chains.unit_key,
        successions.to_unit_key as successor_unit_key,
        chains.steps + 1 as steps
    from chains
    inner join successions
        on chains.successor_unit_key = successions.from_unit_key
    -- A circle in the crosswalk must not run for ever.
    where chains.steps < 20

)

select
    unit_key,
    arg_max(successor_unit_key, steps) as current_unit_key
from chains
group by unit_key
