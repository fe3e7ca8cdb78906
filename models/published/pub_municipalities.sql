select
    municipality_code,
    municipality_name,
    county_code,
    county_name,
    municipality_group_id,
    municipality_group_title
from {{ ref('dim_municipality') }}
where not is_made_up
