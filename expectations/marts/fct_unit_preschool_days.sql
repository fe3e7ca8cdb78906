-- Days and children that the days of presence are made of, by unit and month in which it was open.
select
    unit_key,
    month,
    value,
    n_days_open,
    n_days_open * n_children_present - cast(numerator as double) as days_left,
    date_diff('day', first_date, last_date) + 1 - n_days_open as days_closed,
    n_children_placed,
    100 * (n_children_present - n_children_placed) / cast(nullif(n_children_placed, 0) as double)
        as percent_not_placed
from fct_unit_preschool_days
where n_days_open > 0
