select
    organiser_number,
    organiser_name,
    organiser_kind,
    municipality_code
from {{ ref('int_organisers__identified') }}
