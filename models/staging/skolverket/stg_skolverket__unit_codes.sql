-- Which units the agency's tables of figures speak of, and whether anybody else knows them: a register or
-- list, another table, or another period of the same one. A closed unit is in no register of today, a new
-- one in no register of then; a code that was mistyped is in none of them. Read from the deliveries as they
-- came: what a row is set aside for elsewhere says nothing against its code. Statistics come one unit at a
-- time, and an answer about another unit than the one asked for is set aside by the reader: they are
-- witnesses and not judged.
{{ config(materialized='table') }}

with final_grades as (

    select * from {{ source('siris', 'siris_final_grades_y9') }}

),

quality_table as (

    select * from {{ source('underlag_for_analys', 'ufa_measures') }}

),

unit_statistics as (

    select * from {{ source('planned_educations', 'pe_statistics') }}

),

salsa as (

    select * from {{ source('planned_educations', 'pe_salsa') }}

),

survey as (

    select * from {{ source('planned_educations', 'pe_survey') }}

),

registered as (

    select * from {{ ref('stg_skolenhetsregistret__units') }}

),

registered_2020 as (

    select * from {{ ref('stg_skolenhetsregistret__units_2020') }}

),

listed as (

    select * from {{ ref('stg_planned_educations__school_units') }}

),

thresholds as (

    select most_percent_unknown from {{ ref('thr_unit_codes') }}

),

-- Six thousand headers stand above three hundred thousand cells: each is taken apart once.
quality_table_labels as (

    select
        school_year,
        regexp_extract(level_label, '\(([0-9]{8})\)$', 1) as unit_code
    from quality_table
    group by school_year, level_label

),

sightings as (

    select
        'final_grades_y9' as dataset,
        unit_code,
        school_year as period
    from final_grades

    union all

    select
        'measures' as dataset,
        unit_code,
        school_year as period
    from quality_table_labels

    union all

    select
        'statistics' as dataset,
        unit_code,
        time_period as period
    from unit_statistics

    union all

    select
        'salsa' as dataset,
        unit_code,
        time_period as period
    from salsa

    union all

    select
        'survey' as dataset,
        unit_code,
        semester as period
    from survey

),

tables as (

    select
        dataset,
        unit_code,
        count(distinct period) as n_periods
    from sightings
    where regexp_full_match(unit_code, '[0-9]{8}')
    group by dataset, unit_code

),

registers as (

    select unit_code from registered

    union

    select unit_code from registered_2020

    union

    select unit_code from listed

),

witnessed as (

    select
        tables.dataset,
        tables.unit_code,
        registers.unit_code is not null
        or tables.n_periods > 1
        or count(*) over (partition by tables.unit_code) > 1 as is_known
    from tables
    left join registers
        on tables.unit_code = registers.unit_code

),

shares as (

    select
        dataset,
        unit_code,
        is_known,
        100.0 * count_if(not is_known) over (partition by dataset)
        / count(*) over (partition by dataset) as percent_unknown
    from witnessed

)

select
    shares.dataset,
    shares.unit_code,
    shares.is_known,
    -- When many are unknown it is the witnesses that are missing, such as the register of today.
    not shares.is_known and shares.percent_unknown <= thresholds.most_percent_unknown as is_stray
from shares
cross join thresholds
