-- Every organisation above a unit or an area, and itself: one row per pair, with how many steps lie between.

with recursive organisations as (

    select * from {{ ref('stg_ss12000__organisations') }}

),

above as (

    select
        id,
        id as ancestor_id,
        0 as steps
    from organisations
    where organisation_type in ('Skolenhet', 'Rektorsområde', 'Verksamhetsområde')

    union all

    select
        above.id,
        organisations.parent_organisation_id as ancestor_id,
        above.steps + 1 as steps
    from above
    inner join organisations
        on above.ancestor_id = organisations.id
    -- An organisation above itself must not run for ever.
    where organisations.parent_organisation_id is not null and above.steps < 20

)

select
    above.id,
    above.ancestor_id,
    above.steps,
    organisations.organisation_type,
    organisations.display_name,
    organisations.organisation_number,
    organisations.municipality_code
from above
inner join organisations
    on above.ancestor_id = organisations.id
