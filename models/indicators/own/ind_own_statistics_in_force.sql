-- Own statistics as they may be published. Those of a school year whose levels stand, stand with them: a
-- corrected grade that changes no level still moves a variance. They are made anew when their levels are,
-- when their method is another, and at the next date of thr_revision_calendar.

with statistics as (

    select * from {{ ref('ind_own_statistics') }}

),

vintage as (

    select * from {{ source('releases', 'own_statistics_vintage') }}

),

catalogue as (

    select
        indicator_id,
        method_version
    from {{ ref('ref_indicators') }}

),

standing_years as (

    select
        municipality_code,
        school_year
    from {{ ref('ind_own_school_years') }}
    where is_standing

),

indicators_now as (

    select
        statistics.municipality_code,
        statistics.school_year,
        statistics.indicator_id,
        catalogue.method_version
    from statistics
    inner join catalogue
        on statistics.indicator_id = catalogue.indicator_id
    group by
        statistics.municipality_code,
        statistics.school_year,
        statistics.indicator_id,
        catalogue.method_version

),

standing as (

    select
        vintage.municipality_code,
        vintage.school_year,
        vintage.indicator_id
    from vintage
    inner join standing_years
        on
            vintage.municipality_code = standing_years.municipality_code
            and vintage.school_year = standing_years.school_year
    inner join indicators_now
        on
            vintage.municipality_code = indicators_now.municipality_code
            and vintage.school_year = indicators_now.school_year
            and vintage.indicator_id = indicators_now.indicator_id
            and vintage.method_version = indicators_now.method_version
    group by vintage.municipality_code, vintage.school_year, vintage.indicator_id

),

kept as (

    select vintage.*
    from vintage
    inner join standing
        on
            vintage.municipality_code = standing.municipality_code
            and vintage.school_year = standing.school_year
            and vintage.indicator_id = standing.indicator_id

),

renewed as (

    select
        statistics.*,
        catalogue.method_version
    from statistics
    inner join catalogue
        on statistics.indicator_id = catalogue.indicator_id
    left join standing
        on
            statistics.municipality_code = standing.municipality_code
            and statistics.school_year = standing.school_year
            and statistics.indicator_id = standing.indicator_id
    where standing.indicator_id is null

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
    school_year,
    indicator_id,
    group_id,
    method_version,
    numerator,
    denominator,
    value,
    coverage,
    status,
    n_units,
    n_hidden_units,
    suppression,
    interval_low,
    interval_high,
    verdict,
    break_in_series,
    is_made_up
from in_force
