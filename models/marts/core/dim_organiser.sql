with organisers as (

    select * from {{ ref('int_organisers__identified') }}

),

-- Organisers that only the municipality's own systems and deliveries know.
own_organisers as (

    select
        organiser_number,
        max(organiser_name) as organiser_name,
        max(organiser_kind) as organiser_kind,
        max(municipality_code) filter (where organiser_kind = 'municipal') as municipality_code,
        bool_or(is_made_up) as is_made_up
    from {{ ref('int_own__units') }}
    where organiser_number is not null
        and organiser_number not in (select organisers.organiser_number from organisers)
    group by organiser_number

)

select
    organiser_number,
    organiser_name,
    organiser_kind,
    municipality_code,
    'open_data' as known_from,
    false as is_made_up
from organisers

union all

select
    organiser_number,
    organiser_name,
    organiser_kind,
    municipality_code,
    'own_data' as known_from,
    is_made_up
from own_organisers
