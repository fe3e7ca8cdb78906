-- Percent of the assessed who reach the goals, by school year, assessment and area.
select
    school_year,
    assessment,
    area,
    count(*) as n_pupils,
    100 * count(*) filter (where outcome = 'nar_malen') / cast(count(*) as double) as percent_reached
from fct_early_assessment
group by school_year, assessment, area
