-- Persons as the systems know them, with the key that all of the municipality's data share: one row per
-- person of the source. Two of the source's persons with the same identity number are one `person_key`. An
-- unknown marking protects: only `Ingen`, or no marking at all, does not.

with persons as (

    select * from {{ ref('stg_ss12000__persons') }}

),

identified as (

    select
        person_id_key,
        coalesce(civic_no_key, person_id_key) as person_key,
        birth_month,
        case sex when 'Kvinna' then 'female' when 'Man' then 'male' else 'unknown' end as sex,
        coalesce(security_marking, 'Ingen') <> 'Ingen' as is_marked,
        person_status
    from persons

)

select
    person_id_key,
    person_key,
    birth_month,
    sex,
    bool_or(is_marked) over (partition by person_key) as is_protected,
    person_status
from identified
