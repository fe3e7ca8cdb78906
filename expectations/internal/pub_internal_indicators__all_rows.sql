-- How many rows of a group lack the row for all; one row per indicator.
-- Quarters of need are parts of a ranking.
select
    part.indicator_id,
    count(*) filter (where whole.group_id is null) as n_without_all
from pub_internal_indicators as part
left join pub_internal_indicators as whole
    on
        part.entity_type = whole.entity_type
        and part.entity_key = whole.entity_key
        and part.school_year = whole.school_year
        and part.indicator_id = whole.indicator_id
        and whole.group_id = 'all'
where part.group_id not like '%need\_quarter\_%' escape '\'
group by part.indicator_id
