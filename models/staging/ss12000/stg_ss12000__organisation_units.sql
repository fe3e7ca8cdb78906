-- The school unit (Skolenhet) an organisation stands for: itself, the one above, or the only one below it.
-- One row per organisation that leads to a unit.

with organisations as (

    select * from {{ ref('stg_ss12000__organisations') }}

),

units as (

    select
        id,
        parent_organisation_id,
        unit_key
    from organisations
    where organisation_type = 'Skolenhet'

),

only_units_below as (

    select
        parent_organisation_id,
        min(unit_key) as unit_key
    from units
    where parent_organisation_id is not null
    group by parent_organisation_id
    having count(*) = 1

)

select
    organisations.id as organisation_id,
    coalesce(units.unit_key, units_above.unit_key, only_units_below.unit_key) as unit_key
from organisations
left join units
    on organisations.id = units.id
left join units as units_above
    on organisations.parent_organisation_id = units_above.id
left join only_units_below
    on organisations.id = only_units_below.parent_organisation_id
where coalesce(units.unit_key, units_above.unit_key, only_units_below.unit_key) is not null
