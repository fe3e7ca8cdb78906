with municipalities as (

    select * from {{ ref('ref_municipalities') }}

),

groups as (

    select * from {{ ref('int_municipalities__grouped') }}
    where school_form = 'gr'

),

group_of as (

    select
        municipality_code,
        max(municipality_group_id) as municipality_group_id,
        max(group_title) as municipality_group_title
    from groups
    group by municipality_code

)

select
    municipalities.municipality_code,
    municipalities.municipality_name,
    municipalities.county_code,
    municipalities.county_name,
    group_of.municipality_group_id,
    group_of.municipality_group_title
from municipalities
left join group_of
    on municipalities.municipality_code = group_of.municipality_code
