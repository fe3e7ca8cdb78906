with source as (

    select * from {{ source('kolada', 'kolada_units') }}

)

-- Kolada's own unit ids: no public crosswalk to skolenhetskod exists.
select
    ou as kolada_unit_id,
    title as unit_name,
    municipality_code
from source
