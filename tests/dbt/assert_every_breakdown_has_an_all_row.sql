-- Whoever sums or compares groups must find everyone beside them: an indicator that is broken down by sex or
-- kind of organiser has a row for all. Quarters of need are parts of a ranking, not of everyone; costs are
-- only reported by municipal organisers, which is no breakdown.
with keyed as (

    select
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        max(case when group_id = 'all' then 1 else 0 end) as has_all,
        count(*) as n_groups
    from {{ ref('pub_indicators') }}
    where group_id not like '%need\_quarter\_%' escape '\'
    group by entity_type, entity_key, school_year, indicator_id

)

select
    keyed.entity_type,
    keyed.entity_key,
    keyed.school_year,
    keyed.indicator_id
from keyed
where keyed.has_all = 0 and keyed.n_groups > 1
