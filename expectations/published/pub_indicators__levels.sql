-- How far a municipality's level lies from the figure it is made of: the largest per indicator.
select
    levels.indicator_id,
    max(abs(levels.value - figures.value)) as difference
from pub_indicators as levels
inner join pub_indicator_catalogue as catalogue
    on levels.indicator_id = catalogue.indicator_id and catalogue.method = 'level'
inner join pub_municipality_measures as figures
    on
        levels.entity_key = figures.municipality_code
        and levels.school_year = figures.school_year
        and levels.group_id = figures.group_id
        and catalogue.measure_id = figures.measure_id
where levels.entity_type = 'municipality' and levels.value is not null
group by levels.indicator_id
