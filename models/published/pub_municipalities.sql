select
    municipality_code,
    municipality_name,
    county_code,
    county_name,
    municipality_group_id,
    municipality_group_title,
    is_made_up
from {{ ref('dim_municipality') }}
