-- Nothing is lost between delivery and mart: delivered = loaded + rejected + duplicates, per extract.

with extracts as (

    select * from {{ source('raw', 'extracts') }}

),

rejected_in_staging as (

    select
        extract_id,
        count(*) as row_count
    from {{ ref('dq_rejected_rows') }}
    where found_by = 'staging'
    group by extract_id

)

select
    extracts.source,
    extracts.dataset,
    extracts.period,
    extracts.extract_id,
    extracts.address,
    extracts.fetched_at,
    extracts.sha256,
    extracts.delivered,
    extracts.loaded - coalesce(rejected_in_staging.row_count, 0) as loaded,
    extracts.rejected + coalesce(rejected_in_staging.row_count, 0) as rejected,
    extracts.duplicates
from extracts
left join rejected_in_staging
    on extracts.extract_id = rejected_in_staging.extract_id
