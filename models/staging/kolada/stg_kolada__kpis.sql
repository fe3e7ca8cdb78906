with source as (

    select * from {{ source('kolada', 'kolada_kpis') }}

)

select
    kpi as kpi_id,
    title,
    description,
    coalesce(lower(is_divided_by_gender) in ('true', '1'), false) as is_divided_by_gender,
    coalesce(lower(has_ou_data) in ('true', '1'), false) as has_unit_data
from source
