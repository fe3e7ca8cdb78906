-- What each teacher taught on 15 October: one row per person, unit, school year, subject and stage, with the
-- planned minutes. A syllabus may cover all years of compulsory school: the stage is that of most pupils in
-- the activity's groups. An activity without a syllabus (preschool class, subject areas of the adapted
-- forms) has the subject `unspecified`. Subjects that need no qualification (`thr_staffing`) are left out.

with activities as (

    select * from {{ ref('stg_ss12000__activities') }}

),

activity_teachers as (

    select * from {{ ref('stg_ss12000__activity_teachers') }}

),

duties as (

    select * from {{ ref('stg_ss12000__duties') }}

),

syllabuses as (

    select * from {{ ref('stg_ss12000__syllabuses') }}

),

organisation_units as (

    select * from {{ ref('stg_ss12000__organisation_units') }}

),

memberships as (

    select * from {{ ref('stg_ss12000__group_memberships') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

october as (

    select * from {{ ref('int_persons__october') }}

),

exempt as (

    select code from {{ ref('thr_staffing') }}
    where rule = 'exempt_subject'

),

school_years as (

    select
        school_year,
        {{ october_15('school_year') }} as measured_on
    from {{ ref('stg_deliveries__staff') }}
    group by school_year

),

activity_groups as (

    select
        id as activity_id,
        unnest(string_split(group_ids, ',')) as group_id
    from activities
    where group_ids is not null

),

-- Other forms, educare among them, have no stage: a pupil in school and educare is in the school's.
stages_of_pupils as (

    select
        person_key,
        school_year,
        case
            when school_form = 'gr' and year_group <= 3 then 'lag'
            when school_form = 'gr' and year_group <= 6 then 'mellan'
            when school_form = 'gr' then 'hog'
            when school_form = 'fsk' then 'forskoleklass'
            when school_form = 'fs' then 'forskola'
            when school_form = 'gran' then 'anpassad_gr'
            when school_form = 'gy' then 'gy'
            when school_form = 'gyan' then 'anpassad_gy'
        end as stage
    from october

),

stages_of_activities as (

    select
        activity_groups.activity_id,
        school_years.school_year,
        mode(stages_of_pupils.stage order by stages_of_pupils.stage) as stage
    from activity_groups
    inner join memberships
        on activity_groups.group_id = memberships.group_id
    inner join persons
        on memberships.person_id_key = persons.person_id_key
    inner join stages_of_pupils
        on persons.person_key = stages_of_pupils.person_key
    inner join school_years
        on
            stages_of_pupils.school_year = school_years.school_year
            and coalesce(memberships.start_date <= school_years.measured_on, true)
            and coalesce(memberships.end_date >= school_years.measured_on, true)
    group by activity_groups.activity_id, school_years.school_year

),

assigned as (

    select
        activities.id as activity_id,
        persons.person_key,
        organisation_units.unit_key,
        coalesce(
            upper(syllabuses.subject_designation), upper(syllabuses.subject_code), 'unspecified'
        ) as subject_code,
        coalesce(activity_teachers.minutes_planned, activities.minutes_planned) as minutes,
        coalesce(activity_teachers.start_date, activities.start_date) as start_date,
        coalesce(activity_teachers.end_date, activities.end_date) as end_date
    from activity_teachers
    inner join activities
        on activity_teachers.activity_id = activities.id
    inner join duties
        on activity_teachers.duty_id = duties.id
    inner join persons
        on duties.person_id_key = persons.person_id_key
    inner join organisation_units
        on duties.duty_at_id = organisation_units.organisation_id
    left join syllabuses
        on activities.syllabus_id = syllabuses.id

),

on_measured_day as (

    select
        assigned.activity_id,
        assigned.person_key,
        assigned.unit_key,
        school_years.school_year,
        assigned.subject_code,
        assigned.minutes
    from assigned
    inner join school_years
        on
            coalesce(assigned.start_date <= school_years.measured_on, true)
            and coalesce(assigned.end_date >= school_years.measured_on, true)
    where assigned.subject_code not in (select exempt.code from exempt)

)

select
    on_measured_day.person_key,
    on_measured_day.unit_key,
    on_measured_day.school_year,
    on_measured_day.subject_code,
    stages_of_activities.stage,
    -- One activity without planned time leaves the shares of the others unknown: parts are then equal.
    case
        when count(on_measured_day.minutes) = count(*) then cast(sum(on_measured_day.minutes) as bigint)
    end as minutes
from on_measured_day
inner join stages_of_activities
    on
        on_measured_day.activity_id = stages_of_activities.activity_id
        and on_measured_day.school_year = stages_of_activities.school_year
where on_measured_day.unit_key is not null and stages_of_activities.stage is not null
group by
    on_measured_day.person_key,
    on_measured_day.unit_key,
    on_measured_day.school_year,
    on_measured_day.subject_code,
    stages_of_activities.stage
