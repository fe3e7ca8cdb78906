-- Days on which a child was in preschool: one row per child, unit and day in Sweden with at least one check-
-- in. The unit is the one of the preschool group; without a group, the one the child is placed at that day.

with events as (

    select
        person_id_key,
        group_id,
        cast({{ local_time('time') }} as date) as present_on
    from {{ ref('stg_ss12000__attendance_events') }}
    where event_type = 'In'

),

groups as (

    select
        id,
        unit_key
    from {{ ref('stg_ss12000__groups') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

placed as (

    select * from {{ ref('int_persons__enrolled') }}
    where school_form = 'fs'

),

identified as (

    select
        persons.person_key,
        groups.unit_key as group_unit_key,
        events.present_on
    from events
    inner join persons
        on events.person_id_key = persons.person_id_key
    left join groups
        on events.group_id = groups.id
    group by persons.person_key, groups.unit_key, events.present_on

),

somewhere as (

    select
        identified.person_key,
        coalesce(identified.group_unit_key, placed.unit_key) as unit_key,
        identified.present_on
    from identified
    left join placed
        on
            identified.person_key = placed.person_key
            and identified.present_on >= placed.start_date
            and identified.present_on <= coalesce(placed.end_date, date '9999-12-31')

)

select
    person_key,
    unit_key,
    present_on
from somewhere
where unit_key is not null
group by person_key, unit_key, present_on
