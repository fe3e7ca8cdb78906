-- Transitions whose word contradicts where the pupil is the year after: one row.
select
    count(*) filter (where (transition = 'left_or_gap') <> (next_unit_key is null)) as n_contradictions,
    count(*) filter (where is_forced_change and transition <> 'promoted_other_unit') as n_forced_who_stayed
from fct_transition
