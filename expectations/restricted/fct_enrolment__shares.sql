-- Percent of the spells at two schools at once, percent broken off, and spells per pupil and year: one row.
select
    100 * count(*) filter (where is_overlapping) / cast(count(*) as double) as percent_overlapping,
    100 * count(*) filter (where is_cancelled) / cast(count(*) as double) as percent_cancelled,
    count(*) / cast(count(distinct person_key || school_year) as double) as spells_per_pupil_and_year
from fct_enrolment
