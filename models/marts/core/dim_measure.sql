select
    measure_id,
    domain,
    name_sv,
    name_en,
    unit_of_measure,
    better_is,
    count_basis,
    not_reached_is_sensitive
from {{ ref('ref_measures') }}
