with level_rows as (

    select * from {{ ref('ind_own_level_rows') }}

),

change_rows as (

    select * from {{ ref('ind_own_changes') }}

),

measures as (

    select * from {{ ref('ind_own_measures') }}

),

statistics as (

    select * from {{ ref('ind_own_statistics_in_force') }}

),

catalogue as (

    select
        indicator_id,
        audience as finest_audience,
        method_version
    from {{ ref('ref_indicators') }}
    where starts_with(indicator_id, 'own_')

),

parts as (

    select * from {{ ref('ind_own_statistic_parts') }}

),

thresholds as (

    {{ disclosure_thresholds_of_all_audiences() | indent(4) }}

),

shown_levels as (

    select * from level_rows
    where suppression is null

),

audiences as (

    select audience from thresholds
    group by audience

),

-- A statistic is shown to those who see all it is made of: to them it tells nothing new.
unseen_parts as (

    select
        parts.audience,
        parts.entity_type,
        parts.entity_key,
        parts.school_year,
        parts.indicator_id,
        parts.group_id,
        count(*) as n_unseen
    from parts
    anti join shown_levels
        on
            parts.audience = shown_levels.audience
            and parts.part_entity_type = shown_levels.entity_type
            and parts.part_entity_key = shown_levels.entity_key
            and parts.part_school_year = shown_levels.school_year
            and parts.part_indicator_id = shown_levels.indicator_id
            and parts.part_group_id = shown_levels.group_id
    group by
        parts.audience,
        parts.entity_type,
        parts.entity_key,
        parts.school_year,
        parts.indicator_id,
        parts.group_id

),

statistic_rows as (

    select
        thresholds.audience,
        statistics.entity_type,
        statistics.entity_key,
        statistics.municipality_code,
        statistics.school_year,
        statistics.indicator_id,
        statistics.group_id,
        -- Neither numerator nor denominator: what is divided by what is often a figure of a single group.
        statistics.value,
        statistics.interval_low,
        statistics.interval_high,
        statistics.verdict,
        statistics.coverage,
        statistics.status,
        statistics.n_units,
        case
            when
                statistics.suppression is not null
                or statistics.n_hidden_units between 1 and thresholds.minimum_hidden_units - 1
                or unseen_parts.n_unseen > 0
                then 'protected'
        end as suppression,
        statistics.break_in_series,
        statistics.is_made_up
    from statistics
    inner join catalogue
        on statistics.indicator_id = catalogue.indicator_id
    inner join thresholds
        on
            statistics.entity_type = thresholds.entity_type
            and (catalogue.finest_audience = 'public' or thresholds.audience = 'internal')
    left join unseen_parts
        on
            thresholds.audience = unseen_parts.audience
            and statistics.entity_type = unseen_parts.entity_type
            and statistics.entity_key = unseen_parts.entity_key
            and statistics.school_year = unseen_parts.school_year
            and statistics.indicator_id = unseen_parts.indicator_id
            and statistics.group_id = unseen_parts.group_id

),

measure_rows as (

    select
        audiences.audience,
        measures.*
    from measures
    cross join audiences

),

unioned as (

    select * from level_rows
    union all by name
    select * from change_rows
    union all by name
    select * from statistic_rows
    union all by name
    select * from measure_rows

)

select
    unioned.audience,
    unioned.entity_type,
    unioned.entity_key,
    unioned.municipality_code,
    unioned.school_year,
    unioned.indicator_id,
    unioned.group_id,
    unioned.numerator,
    unioned.denominator,
    unioned.value,
    unioned.interval_low,
    unioned.interval_high,
    unioned.verdict,
    unioned.coverage,
    unioned.status,
    unioned.n_units,
    unioned.suppression,
    unioned.refusal,
    unioned.break_in_series,
    catalogue.method_version,
    unioned.is_made_up
from unioned
inner join catalogue
    on unioned.indicator_id = catalogue.indicator_id
