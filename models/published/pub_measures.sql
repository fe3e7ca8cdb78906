select
    measure_id,
    domain,
    name_sv,
    name_en,
    unit_of_measure,
    better_is,
    count_basis
from {{ ref('dim_measure') }}
