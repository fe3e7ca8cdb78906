select
    municipality_code,
    school_form,
    municipality_group_id,
    group_title,
    member_municipality_code
from {{ ref('int_municipalities__grouped') }}
