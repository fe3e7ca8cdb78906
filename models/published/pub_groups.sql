select
    group_id,
    sex,
    organiser_kind,
    dimension,
    need_quarter,
    name_sv,
    name_en
from {{ ref('dim_group') }}
-- Those of whom nothing is known are in the totals, and in no table.
where not is_unknown
