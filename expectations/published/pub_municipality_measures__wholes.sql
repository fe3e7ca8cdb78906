-- How many rows of a group lack the row of the whole it is a part of; one row per measure.
-- The whole of girls at municipal organisers is municipal organisers, that of girls is everyone. Quarters of
-- need are parts of a ranking, and what only one kind of organiser reports is no breakdown.
with divided as (

    select
        municipality_code,
        school_year,
        measure_id,
        group_id,
        case
            when group_id like '%\_\_%' escape '\' then split_part(group_id, '__', 1)
            else 'all'
        end as whole_id,
        count(*) over (partition by municipality_code, school_year, measure_id) as n_groups
    from pub_municipality_measures
    where group_id <> 'all' and group_id not like '%need\_quarter\_%' escape '\'

)

select
    part.measure_id,
    count(*) filter (where whole.group_id is null) as n_without_whole
from divided as part
left join pub_municipality_measures as whole
    on
        part.municipality_code = whole.municipality_code
        and part.school_year = whole.school_year
        and part.measure_id = whole.measure_id
        and part.whole_id = whole.group_id
where part.n_groups > 1
group by part.measure_id
