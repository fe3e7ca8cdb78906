-- Structural compensation paid, in whole kronor: one row per unit and school year. The ledger is of the
-- calendar year in which the school year starts; the outcome where it is there, else the budget.

with ledger as (

    select * from {{ ref('int_resources__ledger') }}
    where component = 'strukturersattning'

)

select
    unit_key,
    {{ school_year_from_autumn('calendar_year') }} as school_year,
    arg_max(kind, kind = 'utfall') as paid_kind,
    arg_max(amount_kronor, kind = 'utfall') as paid_kronor
from ledger
group by unit_key, {{ school_year_from_autumn('calendar_year') }}
