-- Percent of assessments with a date outside their school year, by school year.
select
    school_year,
    100 * count(*) filter (
        where
        assessed_on < make_date(cast(left(school_year, 4) as integer), 7, 1)
        or assessed_on > make_date(cast(left(school_year, 4) as integer) + 1, 8, 31)
    ) / cast(count(*) as double) as percent_outside
from fct_early_assessment
where assessed_on is not null
group by school_year
