-- The latest sound version of each that has not been deleted since.

with versions as (

    select * exclude (broken_rule)
    from {{ ref('base_ss12000__persons') }}
    where broken_rule is null
    qualify {{ latest_version(['person_id_key']) }}

),

deleted as (

    {{ deletions('persons') }}

)

select versions.*
from versions
left join deleted
    on versions.person_id_key = deleted.id
where {{ still_there() }}
