select
    unit_key,
    unit_name,
    organiser_number,
    organiser_kind,
    municipality_code,
    school_forms,
    year_groups,
    latitude,
    longitude,
    valid_from_school_year,
    valid_to_school_year,
    is_current,
    is_active
from {{ ref('dim_unit') }}
where known_from = 'open_data'
