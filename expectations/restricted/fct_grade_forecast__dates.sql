-- Percent of forecasts made outside the school year that they are about, by school year.
select
    school_year,
    100 * count(*) filter (
        where
        forecast_on < make_date(cast(left(school_year, 4) as integer), 7, 1)
        or forecast_on > make_date(cast(left(school_year, 4) as integer) + 1, 7, 31)
    ) / cast(count(*) as double) as percent_outside
from fct_grade_forecast
group by school_year
