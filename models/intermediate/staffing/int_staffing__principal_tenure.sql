-- Principals of each unit and school year in figures: one row per unit and school year. A unit that got a
-- new code is one unit throughout.

with principals as (

    select * from {{ ref('int_staffing__principals') }}

),

lineage as (

    select * from {{ ref('int_units__succeeded') }}

),

parameters as (

    select
        max(threshold) filter (where rule = 'high_turnover_principals') as high_turnover_principals,
        max(threshold) filter (where rule = 'window_school_years') as window_school_years
    from {{ ref('thr_principal') }}

),

bridged as (

    select
        principals.unit_key,
        coalesce(lineage.current_unit_key, principals.unit_key) as current_unit_key,
        principals.school_year,
        {{ autumn_of('principals.school_year') }} as autumn_year,
        principals.person_key
    from principals
    left join lineage
        on principals.unit_key = lineage.unit_key

),

-- One row per unit throughout and school year: the principals it had, and whether it delivered at all.
unit_years as (

    select
        current_unit_key,
        autumn_year
    from bridged
    group by current_unit_key, autumn_year

),

windows as (

    select
        unit_years.current_unit_key,
        unit_years.autumn_year,
        count(distinct bridged.person_key) as n_principals_in_window,
        count(distinct bridged.autumn_year) as years_observed,
        max(parameters.window_school_years) as window_school_years,
        max(parameters.high_turnover_principals) as high_turnover_principals
    from unit_years
    cross join parameters
    inner join bridged
        on
            unit_years.current_unit_key = bridged.current_unit_key
            and bridged.autumn_year
            between unit_years.autumn_year - parameters.window_school_years + 1 and unit_years.autumn_year
    group by unit_years.current_unit_key, unit_years.autumn_year

),

steps as (

    select cast(unnest([1, 3, 5]) as integer) as years

),

later as (

    select
        bridged.unit_key,
        bridged.school_year,
        bridged.current_unit_key,
        bridged.autumn_year,
        bridged.person_key,
        steps.years,
        later_years.current_unit_key is not null as is_observed_later,
        stayed.person_key is not null as is_still_there
    from bridged
    cross join steps
    left join unit_years as later_years
        on
            bridged.current_unit_key = later_years.current_unit_key
            and bridged.autumn_year + steps.years = later_years.autumn_year
    left join bridged as stayed
        on
            bridged.current_unit_key = stayed.current_unit_key
            and bridged.person_key = stayed.person_key
            and bridged.autumn_year + steps.years = stayed.autumn_year
    where bridged.person_key is not null

),

remaining as (

    select
        unit_key,
        school_year,
        -- Null, not zero, for a year that is not there yet.
        case
            when bool_and(is_observed_later) filter (where years = 1)
                then count(distinct person_key) filter (where years = 1 and is_still_there)
        end as n_still_there_after_1_years,
        case
            when bool_and(is_observed_later) filter (where years = 3)
                then count(distinct person_key) filter (where years = 3 and is_still_there)
        end as n_still_there_after_3_years,
        case
            when bool_and(is_observed_later) filter (where years = 5)
                then count(distinct person_key) filter (where years = 5 and is_still_there)
        end as n_still_there_after_5_years
    from later
    group by unit_key, school_year

),

counted as (

    select
        unit_key,
        current_unit_key,
        school_year,
        autumn_year,
        count(distinct person_key) as n_principals
    from bridged
    group by unit_key, current_unit_key, school_year, autumn_year

)

select
    counted.unit_key,
    counted.school_year,
    counted.n_principals,
    counted.n_principals = 0 as is_vacant,
    windows.n_principals_in_window,
    windows.years_observed,
    windows.n_principals_in_window >= windows.high_turnover_principals as is_high_turnover,
    remaining.n_still_there_after_1_years,
    remaining.n_still_there_after_3_years,
    remaining.n_still_there_after_5_years
from counted
inner join windows
    on
        counted.current_unit_key = windows.current_unit_key
        and counted.autumn_year = windows.autumn_year
left join remaining
    on
        counted.unit_key = remaining.unit_key
        and counted.school_year = remaining.school_year
