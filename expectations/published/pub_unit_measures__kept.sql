-- How much of what the last release held is still there: one row per municipality, unit, and per measure
-- and school year.
with matched as (

    select
        last_release.unit_key,
        last_release.school_year,
        last_release.measure_id,
        last_release.municipality_code,
        last_release.value as value_last,
        now.value as value_kept,
        now.unit_key is not null as is_kept
    from last.pub_unit_measures as last_release
    left join pub_unit_measures as now
        on
            last_release.unit_key = now.unit_key
            and last_release.school_year = now.school_year
            and last_release.measure_id = now.measure_id
            and last_release.group_id = now.group_id

),

looked_at as (

    select
        'municipality' as dimension,
        municipality_code as subject,
        is_kept,
        value_last,
        value_kept
    from matched

    union all

    select
        'unit' as dimension,
        unit_key as subject,
        is_kept,
        value_last,
        value_kept
    from matched

    union all

    select
        'measure and school year' as dimension,
        measure_id || ' ' || school_year as subject,
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
