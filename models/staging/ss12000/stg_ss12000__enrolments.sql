-- The sound rows that came with the latest version of the person: that version replaces all of them.

with parents as (

    select
        person_id_key,
        meta_modified
    from {{ ref('stg_ss12000__persons') }}

),

versions as (

    select * exclude (broken_rule)
    from {{ ref('base_ss12000__enrolments') }}
    where broken_rule is null

),

current_version as (

    select
        versions.*,
        dense_rank() over (
            partition by versions.person_id_key order by versions.fetched_at desc, versions.extract_id desc
        ) as place
    from versions
    inner join parents
        on
            versions.person_id_key = parents.person_id_key
            and versions.meta_modified is not distinct from parents.meta_modified

)

select * exclude (place)
from current_version
where place = 1
