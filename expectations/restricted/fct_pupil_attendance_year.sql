-- One row per pupil, entity and school year, without minutes: the table is too wide to be looked at whole.
select
    entity_type,
    status,
    absence_share
from fct_pupil_attendance_year
