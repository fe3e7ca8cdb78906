-- Percent of pupils below the last year group who left, and who stayed in theirs, by school year.
select
    school_year,
    count(*) as n_pupils,
    100 * count(*) filter (where transition = 'left_or_gap') / cast(count(*) as double) as percent_left,
    100 * count(*) filter (where transition in ('repeated', 'skipped', 'unknown')) / cast(count(*) as double)
        as percent_out_of_step
from fct_transition
where not is_last_year_group
group by school_year
