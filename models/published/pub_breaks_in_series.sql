select
    measure_id,
    school_year,
    kind,
    text_sv,
    text_en,
    source
from {{ ref('ref_breaks_in_series') }}
