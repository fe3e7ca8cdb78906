with source as (

    select * from {{ source('kolada', 'kolada_unit_data') }}

)

select
    kpi as kpi_id,
    ou as kolada_unit_id,
    period,
    case gender when 'K' then 'girls' when 'M' then 'boys' else 'all' end as sex,
    try_cast(value as decimal(18, 4)) as value,
    case when value is null then 'missing' else 'reported' end as value_status
from source
