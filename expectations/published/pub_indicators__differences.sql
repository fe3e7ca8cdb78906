-- Of every difference that is shown, how many of its two levels are not: the most per indicator.
with differences as (

    select
        figures.entity_type,
        figures.entity_key,
        cast(left(figures.school_year, 4) as integer) as autumn,
        figures.group_id,
        figures.indicator_id,
        catalogue.method,
        catalogue.measure_id || '__level' as level_id
    from pub_indicators as figures
    inner join pub_indicator_catalogue as catalogue
        on figures.indicator_id = catalogue.indicator_id
    where
        catalogue.method in ('change_1y', 'change_3y', 'gap_organiser', 'gap_sex')
        and figures.value is not null

),

parts as (

    select
        *,
        group_id as part_group_id,
        unnest([autumn, autumn - case method when 'change_1y' then 1 else 3 end]) as part_autumn
    from differences
    where method in ('change_1y', 'change_3y')

    union all

    select
        *,
        unnest(['organiser_municipal', 'organiser_independent']) as part_group_id,
        autumn as part_autumn
    from differences
    where method = 'gap_organiser'

    union all

    select
        *,
        case when group_id = 'all' then '' else group_id || '__' end || unnest(['sex_girls', 'sex_boys'])
            as part_group_id,
        autumn as part_autumn
    from differences
    where method = 'gap_sex'

),

counted as (

    select
        parts.indicator_id,
        count(*) - count(levels.value) as n_unseen
    from parts
    left join pub_indicators as levels
        on
            parts.entity_type = levels.entity_type
            and parts.entity_key = levels.entity_key
            and parts.part_autumn = cast(left(levels.school_year, 4) as integer)
            and parts.level_id = levels.indicator_id
            and parts.part_group_id = levels.group_id
    group by parts.entity_type, parts.entity_key, parts.autumn, parts.group_id, parts.indicator_id

)

select
    indicator_id,
    max(n_unseen) as n_unseen
from counted
group by indicator_id
