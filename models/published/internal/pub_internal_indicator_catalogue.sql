select
    indicator_id,
    measure_id,
    method,
    name_sv,
    name_en,
    definition_sv,
    definition_en,
    unit_of_measure,
    better_is,
    strategy_area,
    population,
    sources_sv,
    audience,
    method_version
from {{ ref('ref_indicators') }}
where starts_with(indicator_id, 'own_')
