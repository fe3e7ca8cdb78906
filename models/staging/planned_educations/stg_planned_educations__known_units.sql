-- Units that a table of figures may speak of: every unit a register, a list or another table names.
{{ config(materialized='table') }}

with registered as (

    select * from {{ ref('stg_skolenhetsregistret__units') }}

),

registered_2020 as (

    select * from {{ ref('stg_skolenhetsregistret__units_2020') }}

),

listed as (

    select * from {{ ref('stg_planned_educations__school_units') }}

),

asked_for as (

    select * from {{ ref('stg_planned_educations__statistics') }}

),

graded as (

    select * from {{ ref('stg_siris__final_grades_y9') }}

),

quality_table as (

    select * from {{ ref('stg_underlag_for_analys__measures') }}
    where entity_type = 'unit'

),

codes as (

    select unit_code from registered

    union all

    select unit_code from registered_2020

    union all

    select unit_code from listed

    union all

    select unit_code from asked_for

    union all

    select unit_code from graded

    union all

    select unit_code from quality_table

)

select unit_code
from codes
group by unit_code
