select
    organiser_number,
    organiser_name,
    organiser_kind,
    municipality_code,
    is_made_up
from {{ ref('dim_organiser') }}
where known_from = 'open_data' or {{ is_of_legal_person('organiser_number') }}
