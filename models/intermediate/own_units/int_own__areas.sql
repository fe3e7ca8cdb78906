-- The areas that the municipality groups its units by: one row per area. Those that are gone stay, as figures
-- of earlier years are about them. An area without a municipality has that of the organisation above.

with organisations as (

    select * from {{ ref('stg_ss12000__organisations') }}
    where organisation_type in ('Rektorsområde', 'Verksamhetsområde')

),

inherited as (

    select
        id,
        arg_min(municipality_code, steps) as municipality_code
    from {{ ref('int_own__ancestors') }}
    group by id

)

select
    organisations.id,
    -- Codes are the municipality's own: two municipalities may have the same.
    inherited.municipality_code
    || '-'
    || coalesce(organisations.organisation_code, cast(organisations.id as varchar)) as area_key,
    organisations.display_name as area_name,
    organisations.organisation_type as area_kind,
    inherited.municipality_code,
    coalesce(inherited.municipality_code = '9999', false) as is_made_up,
    organisations.meta_modified
from organisations
inner join inherited
    on organisations.id = inherited.id
where inherited.municipality_code is not null
