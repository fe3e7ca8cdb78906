-- How much of what the last release held of each entity is still there.
select
    earlier.entity_type,
    earlier.entity_key,
    count(now.entity_key) / nullif(cast(count(*) as double), 0) as share_kept
from last.pub_internal_indicators as earlier
left join pub_internal_indicators as now
    on
        earlier.entity_type = now.entity_type
        and earlier.entity_key = now.entity_key
        and earlier.school_year = now.school_year
        and earlier.indicator_id = now.indicator_id
        and earlier.group_id = now.group_id
group by earlier.entity_type, earlier.entity_key
