-- How much of what the last release held is still there: one row per entity, and per measure
-- and school year. Of indicators that have left the catalogue nothing is promised: it tells of them itself.
with matched as (

    select
        last_release.entity_type,
        last_release.entity_key,
        last_release.school_year,
        last_release.indicator_id,
        last_release.value as value_last,
        now.value as value_kept,
        now.entity_type is not null as is_kept
    from last.pub_indicators as last_release
    inner join pub_indicator_catalogue as catalogue
        on last_release.indicator_id = catalogue.indicator_id
    left join pub_indicators as now
        on
            last_release.entity_type = now.entity_type
            and last_release.entity_key = now.entity_key
            and last_release.school_year = now.school_year
            and last_release.indicator_id = now.indicator_id
            and last_release.group_id = now.group_id

),

looked_at as (

    select
        'entity' as dimension,
        entity_type || ' ' || entity_key as subject,
        is_kept,
        value_last,
        value_kept
    from matched

    union all

    select
        'measure and school year' as dimension,
        indicator_id || ' ' || school_year as subject,
        is_kept,
        value_last,
        value_kept
    from matched

)

select
    dimension,
    subject,
    count(*) filter (where is_kept) / cast(count(*) as double) as share_kept,
    count(value_kept) filter (where value_last is not null) / nullif(cast(count(value_last) as double), 0)
        as share_of_values_kept
from looked_at
where subject is not null
group by dimension, subject
