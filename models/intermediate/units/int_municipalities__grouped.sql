-- Members of each municipality's comparison groups (liknande kommuner): the groups fetched from the
-- source where there are any, else those bundled with the project. Titles carry the municipality they
-- are made for: "Liknande kommuner grundskola, Uppsala, 2024".

with fetched as (

    select * from {{ ref('stg_kolada__municipality_groups') }}
    where group_title like 'Liknande kommuner%'

),

bundled as (

    select * from {{ ref('ref_municipality_groups') }}

),

municipalities as (

    select
        municipality_code,
        municipality_name
    from {{ ref('ref_municipalities') }}

),

fetched_groups as (

    select
        municipalities.municipality_code,
        case
            when fetched.group_title like '%grundskola%' then 'gr'
            when fetched.group_title like '%gymnasieskola%' then 'gy'
            when fetched.group_title like '%förskola%' then 'fs'
            when fetched.group_title like '%fritidshem%' then 'fth'
            when fetched.group_title like '%socioekonomi%' then 'socioeconomy'
            when fetched.group_title like '%övergripande%' then 'overall'
        end as school_form,
        fetched.municipality_group_id,
        fetched.group_title,
        fetched.municipality_code as member_municipality_code
    from fetched
    inner join municipalities
        on regexp_extract(fetched.group_title, ', ([^,]+), [0-9]{4}$', 1) = municipalities.municipality_name

)

select
    municipality_code,
    school_form,
    municipality_group_id,
    group_title,
    member_municipality_code
from fetched_groups
where school_form is not null

union all

select
    municipality_code,
    school_form,
    municipality_group_id,
    group_title,
    member_municipality_code
from bundled
where municipality_code not in (select fetched_groups.municipality_code from fetched_groups)
