-- How far a change lies from the difference of the two levels it stands for: the largest per indicator.
with changes as (

    select
        figures.entity_type,
        figures.entity_key,
        figures.school_year,
        figures.group_id,
        figures.indicator_id,
        figures.value,
        catalogue.measure_id || '__level' as level_id,
        case catalogue.method when 'change_1y' then 1 else 3 end as years_back
    from pub_indicators as figures
    inner join pub_indicator_catalogue as catalogue
        on figures.indicator_id = catalogue.indicator_id
    where catalogue.method in ('change_1y', 'change_3y') and figures.value is not null

)

select
    changes.indicator_id,
    max(abs(changes.value - (now.value - earlier.value))) as error
from changes
inner join pub_indicators as now
    on
        changes.entity_type = now.entity_type
        and changes.entity_key = now.entity_key
        and changes.group_id = now.group_id
        and changes.level_id = now.indicator_id
        and changes.school_year = now.school_year
inner join pub_indicators as earlier
    on
        changes.entity_type = earlier.entity_type
        and changes.entity_key = earlier.entity_key
        and changes.group_id = earlier.group_id
        and changes.level_id = earlier.indicator_id
        and cast(left(changes.school_year, 4) as integer) - changes.years_back
        = cast(left(earlier.school_year, 4) as integer)
group by changes.indicator_id
