-- The latest sound version of each. What was deleted stays, with the day: older records refer to it.

with versions as (

    select * exclude (broken_rule)
    from {{ ref('base_ss12000__syllabuses') }}
    where broken_rule is null
    qualify {{ latest_version(['id']) }}

),

deleted as (

    {{ deletions('syllabuses') }}

)

select
    versions.*,
    case when not ({{ still_there() }}) then deleted.deleted_at end as deleted_at
from versions
left join deleted
    on versions.id = deleted.id
