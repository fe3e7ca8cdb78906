-- Each teacher's post in parts: one row per person, unit, school year, subject and stage taught, with the
-- part of the post (percent of full time) and whether he or she is certified and qualified for it. A null
-- `is_qualified` is not known: certification is unknown, or no qualification at all was delivered.

with staff as (

    select * from {{ ref('stg_deliveries__staff') }}

),

teaching as (

    select * from {{ ref('int_staffing__teaching') }}

),

qualifications as (

    select * from {{ ref('stg_deliveries__staff_qualifications') }}

),

qualified_stages as (

    select
        stage_taught,
        stage_qualified
    from {{ ref('xwalk_qualified_stages') }}

),

qualified_persons as (

    select person_key
    from qualifications
    group by person_key

),

-- Since when a person is qualified for a subject at a stage, and for any subject there.
qualified_from as (

    select
        qualifications.person_key,
        coalesce(qualifications.subject_code, 'unspecified') as subject_code,
        qualified_stages.stage_taught as stage,
        min(coalesce(qualifications.valid_from, date '0001-01-01')) as valid_from
    from qualifications
    inner join qualified_stages
        on qualifications.stage = qualified_stages.stage_qualified
    group by grouping sets (
        (qualifications.person_key, qualified_stages.stage_taught, qualifications.subject_code),
        (qualifications.person_key, qualified_stages.stage_taught)
    )

),

counted_until as (

    select
        threshold // 100 as deadline_month,
        threshold % 100 as deadline_day
    from {{ ref('thr_staffing') }}
    where rule = 'licence_counted_until_mmdd'

),

teaching_with_staff as (

    select
        staff.person_key,
        staff.unit_code as unit_key,
        staff.school_year,
        staff.municipality_code,
        staff.fte_percent,
        teaching.subject_code,
        teaching.stage,
        case
            when
                count(teaching.minutes) over post = count(*) over post
                and sum(teaching.minutes) over post > 0
                then teaching.minutes
            else 1
        end as weight,
        staff.is_certified
        and coalesce(
            staff.certified_from <= make_date(
                {{ autumn_of('staff.school_year') }} + 1,
                counted_until.deadline_month,
                counted_until.deadline_day
            ),
            true
        ) as is_certified,
        make_date(
            {{ autumn_of('staff.school_year') }} + 1,
            counted_until.deadline_month,
            counted_until.deadline_day
        ) as counted_until
    from staff
    inner join teaching
        on
            staff.person_key = teaching.person_key
            and staff.unit_code = teaching.unit_key
            and staff.school_year = teaching.school_year
    cross join counted_until
    window post as (partition by staff.person_key, staff.unit_code, staff.school_year)

)

select
    parts.person_key,
    parts.unit_key,
    parts.school_year,
    parts.municipality_code,
    parts.subject_code,
    parts.stage,
    cast(
        parts.fte_percent * parts.weight
        / nullif(sum(parts.weight) over (
            partition by parts.person_key, parts.unit_key, parts.school_year
        ), 0) as decimal(18, 6)
    ) as fte_percent,
    case
        when not parts.is_certified then false
        when not coalesce(parts.is_certified, false) or qualified_persons.person_key is null then null
        else
            coalesce(qualified_from.valid_from <= parts.counted_until, false)
    end as is_qualified
from teaching_with_staff as parts
left join qualified_from
    on
        parts.person_key = qualified_from.person_key
        and parts.subject_code = qualified_from.subject_code
        and parts.stage = qualified_from.stage
left join qualified_persons
    on parts.person_key = qualified_persons.person_key
