select
    unit_key,
    difference
from quality.dq_salsa_consistency
