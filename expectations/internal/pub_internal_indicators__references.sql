-- Whether every id in the table is described by another table of the release; one row per id.
with used_ids as (

    select
        'indicator' as kind,
        used.indicator_id as subject,
        cast(max(case when known.indicator_id is null then 0 else 1 end) as integer) as is_described
    from pub_internal_indicators as used
    left join pub_internal_indicator_catalogue as known
        on used.indicator_id = known.indicator_id
    where used.indicator_id is not null
    group by used.indicator_id

    union all

    select
        'group' as kind,
        used.group_id as subject,
        cast(max(case when known.group_id is null then 0 else 1 end) as integer) as is_described
    from pub_internal_indicators as used
    left join pub_internal_groups as known
        on used.group_id = known.group_id
    where used.group_id is not null
    group by used.group_id

    union all

    select
        'unit' as kind,
        used.entity_key as subject,
        cast(max(case when known.unit_key is null then 0 else 1 end) as integer) as is_described
    from pub_internal_indicators as used
    left join pub_internal_units as known
        on used.entity_key = known.unit_key
    where used.entity_key is not null and used.entity_type = 'unit'
    group by used.entity_key

    union all

    select
        'area' as kind,
        used.entity_key as subject,
        cast(max(case when known.area_key is null then 0 else 1 end) as integer) as is_described
    from pub_internal_indicators as used
    left join pub_internal_areas as known
        on used.entity_key = known.area_key
    where used.entity_key is not null and used.entity_type = 'area'
    group by used.entity_key

)

select
    kind,
    subject,
    is_described
from used_ids
