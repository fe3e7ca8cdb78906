-- Own levels as they may be published. A school year in which a number of persons has changed by a few since
-- the last release stays as that release had it, until the next date of thr_revision_calendar: the difference
-- would be a figure about just those persons. The whole year stays, so that parts go on adding up to their
-- wholes.

with levels as (

    select * from {{ ref('ind_own_levels') }}

),

vintage as (

    select * from {{ source('releases', 'own_levels_vintage') }}

),

frozen_years as (

    select
        municipality_code,
        school_year
    from {{ ref('ind_own_school_years') }}
    where is_frozen

),

-- What both hold; an indicator that is new comes in, one that is no longer made goes.
indicators_now as (

    select
        municipality_code,
        school_year,
        indicator_id
    from levels
    group by municipality_code, school_year, indicator_id

),

frozen as (

    select
        vintage.municipality_code,
        vintage.school_year,
        vintage.indicator_id
    from vintage
    inner join frozen_years
        on
            vintage.municipality_code = frozen_years.municipality_code
            and vintage.school_year = frozen_years.school_year
    inner join indicators_now
        on
            vintage.municipality_code = indicators_now.municipality_code
            and vintage.school_year = indicators_now.school_year
            and vintage.indicator_id = indicators_now.indicator_id
    group by vintage.municipality_code, vintage.school_year, vintage.indicator_id

),

kept as (

    select vintage.*
    from vintage
    inner join frozen
        on
            vintage.municipality_code = frozen.municipality_code
            and vintage.school_year = frozen.school_year
            and vintage.indicator_id = frozen.indicator_id

),

renewed as (

    select levels.*
    from levels
    left join frozen
        on
            levels.municipality_code = frozen.municipality_code
            and levels.school_year = frozen.school_year
            and levels.indicator_id = frozen.indicator_id
    where frozen.indicator_id is null

),

in_force as (

    select * from kept

    union all by name

    select * from renewed

)

select
    entity_type,
    entity_key,
    municipality_code,
    organiser_kind,
    area_key,
    school_year,
    indicator_id,
    group_id,
    persons,
    sensitive_count,
    total,
    numerator,
    denominator,
    value,
    coverage,
    status,
    n_units,
    interval_low,
    interval_high,
    break_in_series,
    is_made_up
from in_force
