-- How many current versions each unit has.
select
    unit_key,
    count(*) filter (where is_current) as n_current
from pub_units
group by unit_key
