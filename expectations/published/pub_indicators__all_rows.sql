-- How many rows of a group lack the row of the whole it is a part of; one row per indicator.
-- The whole of girls at municipal organisers is municipal organisers, that of girls is everyone. Quarters of
-- need are parts of a ranking, and what only one kind of organiser reports is no breakdown.
with divided as (

    select
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        group_id,
        case
            when group_id like '%\_\_%' escape '\' then split_part(group_id, '__', 1)
            else 'all'
        end as whole_id,
        count(*) over (partition by entity_type, entity_key, school_year, indicator_id) as n_groups
    from pub_indicators
    where group_id <> 'all' and group_id not like '%need\_quarter\_%' escape '\'

)

select
    part.indicator_id,
    count(*) filter (where whole.group_id is null) as n_without_all
from divided as part
left join pub_indicators as whole
    on
        part.entity_type = whole.entity_type
        and part.entity_key = whole.entity_key
        and part.school_year = whole.school_year
        and part.indicator_id = whole.indicator_id
        and part.whole_id = whole.group_id
where part.n_groups > 1
group by part.indicator_id
