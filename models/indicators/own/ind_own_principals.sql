with tenures as (

    select
        tenure.*,
        units.municipality_code,
        units.area_key
    from {{ ref('fct_principal_tenure') }} as tenure
    inner join {{ ref('dim_unit') }} as units
        on
            tenure.unit_key = units.unit_key
            and units.is_current

)

-- Principals of the school year who were still at the unit so many years later.
{% for years in [1, 3, 5] -%}
select
    {{ entity_columns('tenures') }},
    tenures.school_year,
    'own_principals_after_{{ years }}_years_share__level' as indicator_id,
    'all' as group_id,
    cast(sum(tenures.n_principals) as bigint) as persons,
    cast(null as bigint) as total,
    cast(sum(tenures.n_still_there_after_{{ years }}_years) as decimal(18, 4)) as numerator,
    cast(sum(tenures.n_principals) as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(*) as n_units,
    bool_or(tenures.is_made_up) as is_made_up
from tenures
where tenures.n_still_there_after_{{ years }}_years is not null
{{ unit_and_above('tenures', ['school_year']) }}

union all

{% endfor -%}

select
    {{ entity_columns('tenures') }},
    tenures.school_year,
    'own_principals_in_5_years__level' as indicator_id,
    'all' as group_id,
    cast(sum(tenures.n_principals_in_window) as bigint) as persons,
    cast(sum(tenures.n_principals_in_window) as bigint) as total,
    cast(sum(tenures.n_principals_in_window) as decimal(18, 4)) as numerator,
    cast(count(*) as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(*) as n_units,
    bool_or(tenures.is_made_up) as is_made_up
from tenures
where tenures.years_observed = 5
{{ unit_and_above('tenures', ['school_year']) }}
