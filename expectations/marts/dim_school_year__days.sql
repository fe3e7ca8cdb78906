-- Days from the end of a school year to the beginning of the next.
select
    school_year,
    date_diff('day', lag(end_date) over (order by start_date), start_date) as days_after_the_last
from dim_school_year
