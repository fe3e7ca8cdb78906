-- Unit codes a delivery may speak of: own units and the independent ones delivered or registered.
{{ config(materialized='table') }}

with own_units as (

    select * from {{ ref('stg_ss12000__organisations') }}

),

private_units as (

    select * from {{ ref('stg_deliveries__private_units') }}

),

registered as (

    select * from {{ ref('stg_skolenhetsregistret__units') }}

),

listed as (

    select * from {{ ref('stg_planned_educations__school_units') }}

),

codes as (

    select school_unit_code as unit_code from own_units

    union all

    select organisation_code as unit_code from own_units

    union all

    select unit_code from private_units

    union all

    select unit_code from registered

    union all

    select unit_code from listed

)

select unit_code
from codes
where unit_code is not null
group by unit_code
