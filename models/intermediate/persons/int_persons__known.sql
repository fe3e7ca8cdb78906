-- One row per person: what is known whatever system has said it.

with identified as (

    select * from {{ ref('int_persons__identified') }}

)

select
    person_key,
    min(birth_month) as birth_month,
    coalesce(max(sex) filter (where sex <> 'unknown'), 'unknown') as sex,
    bool_or(is_protected) as is_protected,
    max(person_status) as person_status
from identified
group by person_key
