-- The latest sound version of each that has not been deleted since.

with versions as (

    select * exclude (broken_rule)
    from {{ ref('base_ss12000__activities') }}
    where broken_rule is null
    qualify {{ latest_version(['id']) }}

),

deleted as (

    {{ deletions('activities') }}

)

select versions.*
from versions
left join deleted
    on versions.id = deleted.id
where {{ still_there() }}
