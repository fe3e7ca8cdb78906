select
    group_id,
    sex,
    organiser_kind,
    need_quarter,
    dimension,
    is_unknown,
    name_sv,
    name_en
from {{ ref('ref_groups') }}
