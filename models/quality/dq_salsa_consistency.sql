-- SALSA: published actual minus published expected against the published deviation, all rounded.

with salsa as (

    select * from {{ ref('stg_planned_educations__salsa') }}

)

select
    unit_code as unit_key,
    school_year,
    merit_actual,
    merit_expected,
    merit_deviation,
    abs(merit_actual - merit_expected - merit_deviation) as difference
from salsa
where merit_actual is not null and merit_expected is not null and merit_deviation is not null
