-- Who led each unit on 15 October: one row per unit, school year and principal, and one row without a
-- principal for a school year in which the unit delivered its staff and had none (a vacant year is no
-- principal). The register of duties reaches further back than the delivered staff; both are believed.

with assignments as (

    select * from {{ ref('int_staffing__assignments') }}

),

duties as (

    select * from {{ ref('stg_ss12000__duties') }}
    where duty_role = 'Rektor'

),

organisation_units as (

    select * from {{ ref('stg_ss12000__organisation_units') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

october as (

    select * from {{ ref('int_persons__october') }}

),

-- The latest school year anything is known about: a duty without an end is not led on into the future.
known_years as (

    select {{ autumn_of('school_year') }} as autumn_year from assignments

    union all

    select {{ autumn_of('school_year') }} as autumn_year from october

),

latest as (

    select max(autumn_year) as autumn_year from known_years

),

parameters as (

    select max(threshold) filter (where rule = 'kept_school_years') as kept_school_years
    from {{ ref('thr_principal') }}

),

duty_years as (

    select
        duties.person_id_key,
        duties.duty_at_id,
        duties.start_date,
        duties.end_date,
        unnest(
            generate_series(
                greatest(year(duties.start_date), latest.autumn_year - parameters.kept_school_years + 1),
                least(coalesce(year(duties.end_date), latest.autumn_year), latest.autumn_year)
            )
        ) as autumn_year
    from duties
    cross join latest
    cross join parameters
    where duties.start_date is not null and latest.autumn_year is not null

),

in_register as (

    select
        organisation_units.unit_key,
        {{ school_year_from_autumn('duty_years.autumn_year') }} as school_year,
        persons.person_key
    from duty_years
    inner join persons
        on duty_years.person_id_key = persons.person_id_key
    inner join organisation_units
        on duty_years.duty_at_id = organisation_units.organisation_id
    where
        make_date(duty_years.autumn_year, 10, 15)
        between duty_years.start_date and coalesce(duty_years.end_date, date '9999-12-31')

),

delivered as (

    select
        unit_key,
        school_year,
        case when category = 'principal' and is_employed_on_october_15 then person_key end as person_key
    from assignments

),

said as (

    select
        unit_key,
        school_year,
        person_key
    from in_register
    where unit_key is not null

    union all

    select
        unit_key,
        school_year,
        person_key
    from delivered

)

-- The row without a person is left only where it stands alone.
select
    unit_key,
    school_year,
    person_key
from said
group by unit_key, school_year, person_key
qualify person_key is not null or count(person_key) over (partition by unit_key, school_year) = 0
