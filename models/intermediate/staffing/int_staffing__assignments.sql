-- One row per person, unit and school year: the post on 15 October, certification, qualification for what
-- is taught, experience. Null is not known; it is never no.

with staff as (

    select * from {{ ref('stg_deliveries__staff') }}

),

parts as (

    select
        person_key,
        unit_key,
        school_year,
        count(*) as n_taught,
        count(*) filter (where is_qualified) as n_qualified,
        -- Qualified for one of them is enough; not for any, when all are known.
        case
            when bool_or(is_qualified) then true
            when count(is_qualified) = count(*) then false
        end as is_qualified_any
    from {{ ref('int_staffing__parts') }}
    group by person_key, unit_key, school_year

),

-- Preschool has no timetable, and a preschool teacher's certificate is the qualification for preschool.
-- Whoever has delivered qualifications must have one for preschool among them: a certificate may be a
-- teacher's.
preschool_qualifications as (

    select
        person_key,
        min(coalesce(valid_from, date '0001-01-01')) filter (where stage in ('forskola', 'forskoleklass'))
            as valid_from
    from {{ ref('stg_deliveries__staff_qualifications') }}
    group by person_key

),

roles as (

    select * from {{ ref('ref_staff_roles') }}

),

persons as (

    select
        person_key,
        bool_or(is_protected) as is_protected
    from {{ ref('int_persons__identified') }}
    group by person_key

),

parameters as (

    select
        max(threshold) filter (where rule = 'experienced_years') as experienced_years,
        max(threshold) filter (where rule = 'licence_counted_until_mmdd') as counted_until_mmdd
    from {{ ref('thr_staffing') }}

),

dated as (

    select
        staff.*,
        roles.category,
        roles.is_teacher,
        parameters.experienced_years,
        {{ october_15('staff.school_year') }} as measured_on,
        make_date(
            {{ autumn_of('staff.school_year') }} + 1,
            parameters.counted_until_mmdd // 100,
            parameters.counted_until_mmdd % 100
        ) as counted_until
    from staff
    inner join roles
        on staff.role = roles.role
    cross join parameters

)

select
    dated.person_key,
    dated.unit_code as unit_key,
    dated.school_year,
    dated.municipality_code,
    dated.role,
    dated.category,
    dated.is_teacher,
    dated.fte_percent,
    coalesce(dated.employed_from <= dated.measured_on, true)
    and coalesce(dated.employed_to >= dated.measured_on, true) as is_employed_on_october_15,
    dated.is_certified and coalesce(dated.certified_from <= dated.counted_until, true) as is_certified,
    dated.certified_from,
    case
        when not dated.is_certified or dated.certified_from > dated.counted_until then false
        when dated.category <> 'preschool_teacher' then parts.is_qualified_any
        when dated.is_certified
            then
                preschool_qualifications.person_key is null
                or coalesce(preschool_qualifications.valid_from <= dated.counted_until, false)
    end as is_qualified_any,
    coalesce(parts.n_taught, 0) as n_taught,
    coalesce(parts.n_qualified, 0) as n_qualified,
    dated.experience_years,
    dated.experience_years >= dated.experienced_years as is_experienced,
    dated.is_first_teacher,
    dated.sick_leave_days,
    dated.working_days,
    dated.employed_from,
    dated.employed_to,
    coalesce(persons.is_protected, false) as is_protected,
    persons.person_key is not null as is_known_person
from dated
left join parts
    on
        dated.person_key = parts.person_key
        and dated.unit_code = parts.unit_key
        and dated.school_year = parts.school_year
left join preschool_qualifications
    on dated.person_key = preschool_qualifications.person_key
left join persons
    on dated.person_key = persons.person_key
