with areas as (

    select * from {{ ref('int_own__areas') }}

)

select
    area_key,
    area_name,
    area_kind,
    municipality_code,
    is_made_up
from areas
-- Two organisations with one code are one area, named by the one that was changed last.
qualify
    row_number() over (
        partition by area_key
        order by meta_modified desc nulls last, area_name asc
    ) = 1
