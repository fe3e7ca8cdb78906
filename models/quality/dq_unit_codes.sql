-- How many units of each table of the agency's figures nobody else knows: no register, no other table, no
-- other period of it.

with unit_codes as (

    select * from {{ ref('stg_skolverket__unit_codes') }}

)

select
    dataset,
    count(*) as n_units,
    count_if(not is_known) as n_unknown,
    100.0 * count_if(not is_known) / count(*) as percent_unknown
from unit_codes
group by dataset
