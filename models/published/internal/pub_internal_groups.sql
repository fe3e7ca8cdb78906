select
    group_id,
    dimension,
    sex,
    organiser_kind,
    name_sv,
    name_en
from {{ ref('dim_group') }}
where not is_unknown
