-- Teachers can work for several kinds of organiser, so heads need not add up; pupils do. Hidden parts cannot.
select
    measure_id,
    difference
from quality.dq_municipality_sums
where n_hidden = 0
