-- Attendance of each pupil in each activity and month, with the pupil's and the unit's keys: one row per
-- pupil, activity and period. Read by an incremental fact, so it is a view: only the months that are rebuilt
-- are summed.
{{ config(materialized='view') }}

with attendance as (

    select * from {{ ref('stg_ss12000__aggregated_attendance') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

)

select
    persons.person_key,
    attendance.unit_key,
    attendance.activity_id,
    cast(date_trunc('month', attendance.start_date) as date) as month,
    attendance.start_date,
    attendance.end_date,
    attendance.offered_sum as offered_minutes,
    attendance.reported_sum as reported_minutes,
    attendance.attendance_sum as attended_minutes,
    attendance.valid_absence_sum as valid_absence_minutes,
    attendance.invalid_absence_sum as invalid_absence_minutes,
    attendance.other_attendance_sum as other_minutes,
    -- Absence that nobody registered is not known; it is not zero: shares divide by the offered time for
    -- which attendance was registered. A system that does not say what was reported is believed; absence
    -- known in advance is registered, also for a lesson that nobody reported.
    case
        when
            attendance.offered_sum is not null
            and attendance.valid_absence_sum is not null
            and attendance.invalid_absence_sum is not null
            then
                greatest(
                    least(coalesce(attendance.reported_sum, attendance.offered_sum), attendance.offered_sum),
                    attendance.valid_absence_sum + attendance.invalid_absence_sum
                )
    end as counted_offered_minutes
from attendance
inner join persons
    on attendance.student_key = persons.person_id_key
