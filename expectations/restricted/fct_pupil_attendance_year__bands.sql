-- Rows whose bands contradict each other, and bands of pupils who are not judged, by kind of entity.
select
    entity_type,
    count(*) filter (
        where is_absent_50 > is_absent_20 or is_absent_20 > is_absent_15 or is_absent_15 > is_absent_10
        or is_invalid_5 > is_invalid_any
    ) as n_contradictions,
    count(*) filter (where (status = 'ok') <> (is_absent_10 is not null)) as n_wrongly_judged
from fct_pupil_attendance_year
group by entity_type
