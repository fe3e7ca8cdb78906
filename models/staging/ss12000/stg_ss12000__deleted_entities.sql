-- What has been deleted: one row per entity and deletion. Where the system does not say when, it had
-- happened by the time it was asked.

with source as (

    select * from {{ source('ss12000', 'ss12000_deleted_entities') }}

)

select
    _extract_id as extract_id,
    entity_type,
    id,
    coalesce({{ instant('deleted_at') }}, {{ instant('asked_at') }}) as deleted_at
from source
where id is not null
