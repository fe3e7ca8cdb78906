with decided as (

    select * from {{ ref('int_improvement__measures') }}

),

figures as (

    select * from {{ ref('int_improvement__unit_figures') }}

),

catalogue as (

    select * from {{ ref('ref_indicators') }}

),

measures as (

    select * from {{ ref('ref_measures') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

aimed as (

    select
        decided.*,
        -- An indicator of the catalogue, or a measure by its own name.
        coalesce(catalogue.measure_id, measures.measure_id) as measure_id,
        coalesce(catalogue.better_is, measures.better_is) as better_is
    from decided
    left join catalogue
        on decided.indicator_id = catalogue.indicator_id
    left join measures
        on decided.indicator_id = measures.measure_id

),

found as (

    select
        aimed.unit_key,
        aimed.measure_number,
        max(figures.school_year) filter (where figures.school_year < aimed.first_school_year)
            as school_year_before,
        arg_max(figures.value, figures.school_year) filter (
            where figures.school_year < aimed.first_school_year
        ) as value_before,
        max(figures.school_year) filter (
            where figures.school_year between aimed.first_school_year and aimed.last_school_year
        ) as school_year_after,
        arg_max(figures.value, figures.school_year) filter (
            where figures.school_year between aimed.first_school_year and aimed.last_school_year
        ) as value_after
    from aimed
    inner join figures
        on
            aimed.current_unit_key = figures.current_unit_key
            and aimed.measure_id = figures.measure_id
    group by aimed.unit_key, aimed.measure_number

)

select
    aimed.unit_key,
    aimed.measure_number,
    aimed.title,
    aimed.indicator_id,
    aimed.measure_id,
    aimed.better_is,
    aimed.decided_on,
    aimed.starts_on,
    aimed.ends_on,
    aimed.measure_status,
    aimed.responsible_role,
    found.school_year_before,
    found.value_before,
    found.school_year_after,
    found.value_after,
    found.value_after - found.value_before as value_change,
    case
        when found.value_after is not null and found.value_before is not null then 'ok'
        else 'missing'
    end as status,
    coalesce(units.is_made_up, false) as is_made_up
from aimed
left join found
    on
        aimed.unit_key = found.unit_key
        and aimed.measure_number = found.measure_number
left join units
    on aimed.unit_key = units.unit_key
