-- The sound rows that came with the latest version of the group: that version replaces all of them.

with parents as (

    select
        id,
        meta_modified
    from {{ ref('stg_ss12000__groups') }}

),

versions as (

    select * exclude (broken_rule)
    from {{ ref('base_ss12000__group_memberships') }}
    where broken_rule is null

),

current_version as (

    select
        versions.*,
        dense_rank() over (
            partition by versions.group_id order by versions.fetched_at desc, versions.extract_id desc
        ) as place
    from versions
    inner join parents
        on
            versions.group_id = parents.id
            and versions.meta_modified is not distinct from parents.meta_modified

)

select * exclude (place)
from current_version
where place = 1
