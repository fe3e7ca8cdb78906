-- The latest sound version of each. What was deleted stays, with the day: older records refer to it.
-- A unit's key is its national code; preschools have none, and not every system gives them one of its own.

with versions as (

    select * exclude (broken_rule)
    from {{ ref('base_ss12000__organisations') }}
    where broken_rule is null
    qualify {{ latest_version(['id']) }}

),

deleted as (

    {{ deletions('organisations') }}

)

select
    versions.*,
    case
        when versions.organisation_type = 'Skolenhet'
            then coalesce(versions.school_unit_code, versions.organisation_code, versions.id)
    end as unit_key,
    case when not ({{ still_there() }}) then deleted.deleted_at end as deleted_at
from versions
left join deleted
    on versions.id = deleted.id
