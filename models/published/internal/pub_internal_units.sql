select
    unit_key,
    unit_name,
    case
        when known_from = 'open_data' or {{ is_of_legal_person('organiser_number') }} then organiser_number
    end as organiser_number,
    organiser_kind,
    municipality_code,
    area_key,
    school_forms,
    year_groups,
    valid_from_school_year,
    valid_to_school_year,
    is_current,
    is_active,
    is_made_up
from {{ ref('dim_unit') }}
where known_from = 'own_data'
