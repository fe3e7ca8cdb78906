-- The day it was in the systems when they last told something new, in Sweden: one row. The clock is the
-- server's own where it shows one, else ours. Null without own data.
{{ config(materialized='table') }}

with deleted as (

    select max({{ instant('asked_at') }}) as asked_at
    from {{ source('ss12000', 'ss12000_deleted_entities') }}

),

fetched as (

    select max(fetched_at) as fetched_at
    from {{ source('raw', 'extracts') }}
    where source = 'ss12000'

)

select cast({{ local_time('greatest(deleted.asked_at, fetched.fetched_at)') }} as date) as as_of_on
from deleted
cross join fetched
