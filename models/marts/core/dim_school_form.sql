select
    school_form,
    ss12000_code,
    register_code,
    name_sv,
    name_en,
    age_from,
    age_to
from {{ ref('ref_school_forms') }}
