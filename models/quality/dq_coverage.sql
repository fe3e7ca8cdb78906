-- How much of what should be known is known: one row per unit, month and what is looked at.
--
--     attendance            minutes of offered teaching with attendance reported
--     staff_certification   teachers on duty on 15 October whose certification was delivered
--     pupil_background      pupils of compulsory school on 15 October whose parents' education is known
--     grades                pupils of years 6 to 9 with a grade, in the month the term's grades are set

with attendance as (

    select * from {{ ref('fct_unit_attendance_month') }}

),

duties as (

    select * from {{ ref('stg_ss12000__duties') }}
    where duty_role in ('Lärare', 'Förskollärare')

),

organisation_units as (

    select * from {{ ref('stg_ss12000__organisation_units') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

staff as (

    select * from {{ ref('int_staffing__assignments') }}

),

pupils as (

    select * from {{ ref('int_persons__october') }}

),

groups as (

    select * from {{ ref('int_composition__unit_groups_counted') }}

),

grades as (

    select * from {{ ref('fct_grade') }}

),

staff_years as (

    select
        school_year,
        {{ october_15('school_year') }} as measured_on
    from staff
    group by school_year

),

-- Several duties of one person at one unit are one teacher.
on_duty as (

    select
        organisation_units.unit_key,
        staff_years.school_year,
        persons.person_key
    from duties
    inner join staff_years
        on
            duties.start_date <= staff_years.measured_on
            and coalesce(duties.end_date, date '9999-12-31') >= staff_years.measured_on
    inner join persons
        on duties.person_id_key = persons.person_id_key
    inner join organisation_units
        on duties.duty_at_id = organisation_units.organisation_id
    group by
        organisation_units.unit_key,
        staff_years.school_year,
        persons.person_key

),

terms as (

    select
        school_year,
        semester
    from grades
    group by school_year, semester

),

should_be_graded as (

    select
        pupils.unit_key,
        pupils.school_year,
        pupils.person_key,
        terms.semester
    from pupils
    inner join terms
        on pupils.school_year = terms.school_year
    where pupils.school_form = 'gr' and pupils.year_group between 6 and 9

),

graded as (

    select
        person_key,
        school_year,
        semester
    from grades
    group by person_key, school_year, semester

),

looked_at as (

    select
        unit_key,
        month as month_start,
        'attendance' as coverage_of,
        offered_minutes as n_expected,
        reported_minutes as n_known
    from attendance

    union all

    select
        on_duty.unit_key,
        make_date({{ autumn_of('on_duty.school_year') }}, 10, 1) as month_start,
        'staff_certification' as coverage_of,
        count(*) as n_expected,
        count(staff.is_certified) as n_known
    from on_duty
    left join staff
        on
            on_duty.unit_key = staff.unit_key
            and on_duty.person_key = staff.person_key
            and on_duty.school_year = staff.school_year
    where on_duty.unit_key is not null
    group by on_duty.unit_key, on_duty.school_year

    union all

    select
        unit_key,
        make_date({{ autumn_of('school_year') }}, 10, 1) as month_start,
        'pupil_background' as coverage_of,
        max(n_all) as n_expected,
        max(n_known) as n_known
    from groups
    where school_form = 'gr' and dimension = 'parents_education'
    group by unit_key, school_year

    union all

    select
        should_be_graded.unit_key,
        case
            when should_be_graded.semester = 'HT'
                then make_date({{ autumn_of('should_be_graded.school_year') }}, 12, 1)
            else make_date({{ autumn_of('should_be_graded.school_year') }} + 1, 6, 1)
        end as month_start,
        'grades' as coverage_of,
        count(*) as n_expected,
        count(graded.person_key) as n_known
    from should_be_graded
    left join graded
        on
            should_be_graded.person_key = graded.person_key
            and should_be_graded.school_year = graded.school_year
            and should_be_graded.semester = graded.semester
    group by should_be_graded.unit_key, should_be_graded.school_year, should_be_graded.semester

)

select
    unit_key,
    month_start,
    coverage_of,
    cast(n_expected as bigint) as n_expected,
    cast(n_known as bigint) as n_known,
    cast(n_known as double) / nullif(n_expected, 0) as coverage
from looked_at
