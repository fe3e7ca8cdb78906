-- Every sighting of a school unit in a source: one row per unit, school year and source.
-- Sources say different things about a unit; source_rank decides whose word counts (1 first).

with register as (

    -- A planned unit has no pupils yet.
    select * from {{ ref('stg_skolenhetsregistret__units') }}
    where status <> 'PLANERAD'

),

register_2020 as (

    select * from {{ ref('stg_skolenhetsregistret__units_2020') }}

),

final_grades as (

    select * from {{ ref('stg_siris__final_grades_y9') }}

),

quality_rows as (

    select
        unit_code,
        school_year,
        organiser_number,
        max(unit_name) as unit_name,
        max(organiser_name) as organiser_name,
        count(value) as n_values
    from {{ ref('stg_underlag_for_analys__measures') }}
    where entity_type = 'unit'
    group by unit_code, school_year, organiser_number

),

-- A unit that has changed hands stands under both organisers, with its figures under the one it has now.
quality_table as (

    select
        unit_code,
        school_year,
        max(unit_name) as unit_name,
        arg_max(organiser_number, row(n_values, organiser_number)) as organiser_number,
        arg_max(organiser_name, row(n_values, organiser_number)) as organiser_name
    from quality_rows
    group by unit_code, school_year

),

unit_list as (

    select * from {{ ref('stg_planned_educations__school_units') }}

),

unit_details as (

    select * from {{ ref('stg_planned_educations__school_unit_details') }}

),

statistics_form as (

    select
        unit_code,
        school_form,
        school_year
    from {{ ref('stg_planned_educations__statistics') }}
    where school_year is not null
    group by unit_code, school_form, school_year

),

-- The unit list says nothing of its own date; it belongs to the latest year of the same interface. A run that
-- could not read the statistics takes it for the present year's, as the register is.
latest as (

    select coalesce(max(school_year), {{ school_year_of('current_date') }}) as school_year
    from statistics_form

),

observed as (

    select
        unit_code,
        {{ school_year_of('coalesce(end_date, current_date)') }} as school_year,
        1 as source_rank,
        unit_name,
        municipality_code,
        organiser_kind,
        organiser_number,
        organiser_name,
        list_transform(school_forms, lambda form: lower(form)) as school_forms,
        year_groups,
        latitude,
        longitude
    from register

    union all

    select
        unit_details.unit_code,
        latest.school_year,
        2 as source_rank,
        unit_details.unit_name,
        unit_details.municipality_code,
        unit_details.organiser_kind,
        unit_details.organiser_number,
        unit_details.organiser_name,
        unit_details.school_forms,
        unit_details.year_groups,
        unit_details.latitude,
        unit_details.longitude
    from unit_details
    cross join latest

    union all

    select
        unit_code,
        school_year,
        3 as source_rank,
        unit_name,
        municipality_code,
        organiser_kind,
        organiser_number,
        organiser_name,
        ['gr'] as school_forms,
        null as year_groups,
        null as latitude,
        null as longitude
    from final_grades

    union all

    select
        unit_list.unit_code,
        latest.school_year,
        4 as source_rank,
        unit_list.unit_name,
        unit_list.municipality_code,
        unit_list.organiser_kind,
        null as organiser_number,
        null as organiser_name,
        unit_list.school_forms,
        unit_list.year_groups,
        null as latitude,
        null as longitude
    from unit_list
    cross join latest

    union all

    select
        unit_code,
        school_year,
        5 as source_rank,
        unit_name,
        null as municipality_code,
        null as organiser_kind,
        organiser_number,
        organiser_name,
        ['gr'] as school_forms,
        null as year_groups,
        null as latitude,
        null as longitude
    from quality_table

    union all

    select
        unit_code,
        '2019/20' as school_year,
        6 as source_rank,
        max(unit_name) as unit_name,
        max(municipality_code) as municipality_code,
        max(organiser_kind) as organiser_kind,
        max(organiser_number) as organiser_number,
        max(organiser_name) as organiser_name,
        list(school_form order by school_form) as school_forms,
        null as year_groups,
        null as latitude,
        null as longitude
    from register_2020
    group by unit_code

    union all

    select
        unit_code,
        school_year,
        7 as source_rank,
        null as unit_name,
        null as municipality_code,
        null as organiser_kind,
        null as organiser_number,
        null as organiser_name,
        list(school_form order by school_form) as school_forms,
        null as year_groups,
        null as latitude,
        null as longitude
    from statistics_form
    group by unit_code, school_year

)

select * from observed
