-- Staff: one row per person who has or has had a duty, with the unit of the duty that is going on or ended
-- last.

with duties as (

    select * from {{ ref('stg_ss12000__duties') }}

),

persons as (

    select * from {{ ref('int_persons__identified') }}

),

known as (

    select * from {{ ref('int_persons__known') }}

),

organisation_units as (

    select * from {{ ref('stg_ss12000__organisation_units') }}

),

held as (

    select
        persons.person_key,
        organisation_units.unit_key,
        duties.duty_role,
        duties.start_date,
        duties.end_date,
        row_number() over (
            partition by persons.person_key
            order by coalesce(duties.end_date, date '9999-12-31') desc, duties.start_date desc, duties.id asc
        ) as place
    from duties
    inner join persons
        on duties.person_id_key = persons.person_id_key
    left join organisation_units
        on duties.duty_at_id = organisation_units.organisation_id

)

select
    known.person_key,
    known.birth_month,
    known.sex,
    known.is_protected,
    known.person_status,
    max(held.unit_key) filter (where held.place = 1) as unit_key,
    max(held.duty_role) filter (where held.place = 1) as duty_role,
    min(held.start_date) as first_date,
    nullif(max(coalesce(held.end_date, date '9999-12-31')), date '9999-12-31') as last_date,
    count(*) as n_duties
from held
inner join known
    on held.person_key = known.person_key
group by known.person_key, known.birth_month, known.sex, known.is_protected, known.person_status
