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
    sources_en,
    audience,
    count_basis,
    minimum_of_unit,
    minimum_of_municipality,
    minimum_units,
    method_version
from {{ ref('ind_catalogue') }}
where starts_with(indicator_id, 'own_')
