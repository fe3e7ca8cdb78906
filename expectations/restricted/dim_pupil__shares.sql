-- Percent of all pupils by what is told of them: one row.
select
    100 * count(*) filter (where is_protected) / cast(count(*) as double) as percent_protected,
    100 * count(*) filter (
        where date_diff('month', strptime(birth_month, '%Y-%m'), first_date) not between 0 and 30 * 12
    ) / cast(nullif(count(birth_month), 0) as double) as percent_of_odd_age
from dim_pupil
