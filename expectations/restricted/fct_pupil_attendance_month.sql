-- One row per pupil, unit and month, without its minutes: the table is too wide to be looked at whole.
select status
from fct_pupil_attendance_month
