-- Own levels as they may be published. A school year in which a number of persons has changed by a few since
-- the last release stays as that release had it, until the next date of thr_revision_calendar: the difference
-- would be a figure about just those persons. The whole year stays, so that parts go on adding up to their
-- wholes. The vintage is empty when nothing has been published or a revision is due.

with levels as (

    select * from {{ ref('ind_own_levels') }}

),

vintage as (

    select * from {{ source('releases', 'own_levels_vintage') }}

),

thresholds as (

    select threshold from {{ ref('thr_revision') }}
    where rule = 'frozen_persons_below'

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

shared as (

    select
        vintage.municipality_code,
        vintage.school_year,
        vintage.indicator_id
    from vintage
    inner join indicators_now
        on
            vintage.municipality_code = indicators_now.municipality_code
            and vintage.school_year = indicators_now.school_year
            and vintage.indicator_id = indicators_now.indicator_id
    group by vintage.municipality_code, vintage.school_year, vintage.indicator_id

),

counts as (

    select
        'now' as held_in,
        entity_type,
        entity_key,
        municipality_code,
        school_year,
        indicator_id,
        group_id,
        persons,
        sensitive_count
    from levels

    union all

    select
        'vintage' as held_in,
        entity_type,
        entity_key,
        municipality_code,
        school_year,
        indicator_id,
        group_id,
        persons,
        sensitive_count
    from vintage

),

-- A group without persons has no row, so a row that came or went is a change from or to none.
changes as (

    select
        counts.municipality_code,
        counts.school_year,
        abs(
            sum(case when counts.held_in = 'now' then counts.persons else -counts.persons end)
        ) as persons_changed,
        abs(
            sum(
                case when counts.held_in = 'now' then counts.sensitive_count else -counts.sensitive_count end
            )
        ) as sensitive_changed
    from counts
    inner join shared
        on
            counts.municipality_code = shared.municipality_code
            and counts.school_year = shared.school_year
            and counts.indicator_id = shared.indicator_id
    group by
        counts.municipality_code,
        counts.school_year,
        counts.entity_type,
        counts.entity_key,
        counts.indicator_id,
        counts.group_id

),

frozen_years as (

    select
        changes.municipality_code,
        changes.school_year
    from changes
    cross join thresholds
    where
        changes.persons_changed between 1 and thresholds.threshold - 1
        or changes.sensitive_changed between 1 and thresholds.threshold - 1
    group by changes.municipality_code, changes.school_year

),

frozen as (

    select
        shared.municipality_code,
        shared.school_year,
        shared.indicator_id
    from shared
    inner join frozen_years
        on
            shared.municipality_code = frozen_years.municipality_code
            and shared.school_year = frozen_years.school_year

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
