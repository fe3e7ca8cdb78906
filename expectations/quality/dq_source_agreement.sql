select
    measure_id,
    source_id,
    other_source_id,
    difference
from quality.dq_source_agreement
