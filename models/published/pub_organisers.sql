select
    organiser_number,
    organiser_name,
    organiser_kind,
    municipality_code
from {{ ref('dim_organiser') }}
where known_from = 'open_data'
