select
    organiser_number,
    organiser_name,
    organiser_kind,
    municipality_code
from {{ ref('dim_organiser') }}
