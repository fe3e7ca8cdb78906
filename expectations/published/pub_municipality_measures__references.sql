-- Whether every id in the table is described by another table of the release; one row per id.
with used_ids as (

    select
        'measure' as kind,
        used.measure_id as subject,
        cast(max(case when known.measure_id is null then 0 else 1 end) as integer) as is_described
    from pub_municipality_measures as used
    left join pub_measures as known
        on used.measure_id = known.measure_id
    where used.measure_id is not null
    group by used.measure_id

    union all

    select
        'group' as kind,
        used.group_id as subject,
        cast(max(case when known.group_id is null then 0 else 1 end) as integer) as is_described
    from pub_municipality_measures as used
    left join pub_groups as known
        on used.group_id = known.group_id
    where used.group_id is not null
    group by used.group_id

    union all

    select
        'municipality' as kind,
        used.municipality_code as subject,
        cast(max(case when known.municipality_code is null then 0 else 1 end) as integer) as is_described
    from pub_municipality_measures as used
    left join pub_municipalities as known
        on used.municipality_code = known.municipality_code
    where used.municipality_code is not null
    group by used.municipality_code

    union all

    select
        'status' as kind,
        used.value_status as subject,
        cast(max(case when known.value_status is null then 0 else 1 end) as integer) as is_described
    from pub_municipality_measures as used
    left join pub_value_statuses as known
        on used.value_status = known.value_status
    where used.value_status is not null
    group by used.value_status

)

select
    kind,
    subject,
    is_described
from used_ids
