-- Who went where on 15 October, the day pupils are counted: one row per person, unit, school form and school
-- year, from the first school year that enrolments tell of to the last October that has passed.
--
-- An enrolment that goes on over several school years states the year group of its last one: systems promote
-- a pupil by changing it in place.

with spells as (

    select * from {{ ref('int_persons__enrolled') }}

),

persons as (

    select * from {{ ref('int_persons__known') }}

),

as_of as (

    select as_of_on from {{ ref('stg_ss12000__as_of') }}

),

first_year as (

    select min({{ autumn_of(school_year_of('start_date')) }}) as autumn_year
    from spells
    where kind = 'enrolment'

),

autumns as (

    select unnest(range(first_year.autumn_year, year(as_of.as_of_on) + 1)) as autumn_year
    from first_year
    cross join as_of

),

octobers as (

    select
        autumns.autumn_year,
        make_date(autumns.autumn_year, 10, 15) as measured_on
    from autumns
    cross join as_of
    where make_date(autumns.autumn_year, 10, 15) <= as_of.as_of_on

),

lasting as (

    select
        spells.*,
        {{ autumn_of(school_year_of('least(coalesce(spells.end_date, as_of.as_of_on), as_of.as_of_on)')) }}
            as last_autumn_year
    from spells
    cross join as_of

),

counted as (

    select
        lasting.person_key,
        lasting.unit_key,
        octobers.autumn_year,
        lasting.school_form,
        lasting.education_code,
        lasting.start_date,
        lasting.enrolment_key,
        case
            when lasting.school_form = 'fsk' then lasting.year_group
            else lasting.year_group + octobers.autumn_year - lasting.last_autumn_year
        end as year_group
    from lasting
    inner join octobers
        on
            lasting.start_date <= octobers.measured_on
            and coalesce(lasting.end_date, date '9999-12-31') >= octobers.measured_on

)

select
    counted.person_key,
    counted.unit_key,
    {{ school_year_from_autumn('counted.autumn_year') }} as school_year,
    counted.school_form,
    cast(case when counted.year_group >= 0 then counted.year_group end as integer) as year_group,
    counted.education_code,
    persons.sex,
    persons.is_protected
from counted
inner join persons
    on counted.person_key = persons.person_key
qualify
    row_number() over (
        partition by counted.person_key, counted.unit_key, counted.school_form, counted.autumn_year
        order by counted.start_date desc, counted.enrolment_key asc
    ) = 1
