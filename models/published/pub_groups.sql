select
    group_id,
    sex,
    organiser_kind,
    need_quarter,
    name_sv,
    name_en
from {{ ref('dim_group') }}
