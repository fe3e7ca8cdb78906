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

),

-- The made-up municipality of the demonstration is none of the 290, and in no national figure.
made_up as (

    select
        municipality_code,
        max(organiser_name) filter (where organiser_kind = 'municipal') as organiser_name
    from {{ ref('int_own__units') }}
    where is_made_up
    group by municipality_code

)

select
    municipalities.municipality_code,
    municipalities.municipality_name,
    municipalities.county_code,
    municipalities.county_name,
    group_of.municipality_group_id,
    group_of.municipality_group_title,
    false as is_made_up
from municipalities
left join group_of
    on municipalities.municipality_code = group_of.municipality_code

union all

select
    municipality_code,
    coalesce(organiser_name, 'Påhittad kommun') as municipality_name,
    left(municipality_code, 2) as county_code,
    'Påhittat län' as county_name,
    null as municipality_group_id,
    null as municipality_group_title,
    true as is_made_up
from made_up
