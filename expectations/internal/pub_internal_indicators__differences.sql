-- Of every change that is shown, how many of its two levels are not: the most per indicator.
with changes as (

    select
        figures.entity_type,
        figures.entity_key,
        figures.group_id,
        figures.indicator_id,
        cast(left(figures.school_year, 4) as integer) as autumn,
        catalogue.measure_id || '__level' as level_id
    from pub_internal_indicators as figures
    inner join pub_internal_indicator_catalogue as catalogue
        on figures.indicator_id = catalogue.indicator_id
    where catalogue.method = 'change_1y' and figures.value is not null

),

parts as (

    select
        *,
        unnest([autumn, autumn - 1]) as part_autumn
    from changes

),

counted as (

    select
        parts.indicator_id,
        count(*) - count(levels.value) as n_unseen
    from parts
    left join pub_internal_indicators as levels
        on
            parts.entity_type = levels.entity_type
            and parts.entity_key = levels.entity_key
            and parts.part_autumn = cast(left(levels.school_year, 4) as integer)
            and parts.level_id = levels.indicator_id
            and parts.group_id = levels.group_id
    group by parts.entity_type, parts.entity_key, parts.autumn, parts.group_id, parts.indicator_id

)

select
    indicator_id,
    max(n_unseen) as n_unseen
from counted
group by indicator_id
