-- Upper secondary school: one row per pupil and year of start. Of several programmes begun the same year the
-- one the pupil was registered in on 15 October counts: not one broken off before, and at the unit where the
-- pupil then was. Everyone who started is here, whatever came of it.

with delivered as (

    select * from {{ ref('stg_deliveries__upper_secondary_outcomes') }}

),

enrolled as (

    select
        person_key,
        unit_key,
        {{ autumn_of('school_year') }} as autumn_year
    from {{ ref('int_persons__october') }}
    group by person_key, unit_key, {{ autumn_of('school_year') }}

),

persons as (

    select
        person_key,
        bool_or(is_protected) as is_protected
    from {{ ref('int_persons__identified') }}
    group by person_key

),

-- Figures of a cohort exist when the deliveries speak of the summer in which its years are full.
latest as (

    select max(outcome_on) as latest_outcome_on from delivered

),

ranked as (

    select
        delivered.*,
        row_number() over (
            partition by delivered.person_key, delivered.start_year
            order by
                coalesce(
                    delivered.outcome = 'avbrott'
                    and delivered.outcome_on < make_date(delivered.start_year, 10, 15),
                    false
                ) asc,
                (enrolled.person_key is null) asc,
                delivered.programme_code asc
        ) as place
    from delivered
    left join enrolled
        on
            delivered.person_key = enrolled.person_key
            and delivered.unit_code = enrolled.unit_key
            and delivered.start_year = enrolled.autumn_year

)

select
    ranked.person_key,
    ranked.unit_code as unit_key,
    ranked.programme_code,
    ranked.programme_kind,
    ranked.start_year,
    ranked.outcome,
    ranked.outcome_on,
    -- The school year of the outcome ends so many years after the autumn of the start.
    year(ranked.outcome_on) + case when month(ranked.outcome_on) >= 7 then 1 else 0 end
    - ranked.start_year as years_to_outcome,
    latest.latest_outcome_on,
    coalesce(persons.is_protected, false) as is_protected,
    persons.person_key is not null as is_known_person
from ranked
cross join latest
left join persons
    on ranked.person_key = persons.person_key
where ranked.place = 1
