-- Months from the July that a row's school year begins in to its month.
select
    unit_key,
    month,
    date_diff('month', make_date(cast(left(school_year, 4) as bigint), 7, 1), month) as months_in
from fct_unit_attendance_month
where school_year is not null
