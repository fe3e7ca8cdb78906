with leaving as (

    select * from {{ ref('ind_disclosure_rows') }}
    where not is_unknown

),

levels as (

    select * from {{ ref('ind_own_levels_in_force') }}

),

statistics as (

    select * from {{ ref('ind_own_statistics_in_force') }}

),

pattern as (

    select
        audience,
        cell_id,
        state in ('shown', 'known') as is_visible,
        reason
    from {{ ref('ind_disclosure_pattern') }}

),

catalogue as (

    select
        indicator_id,
        measure_id,
        method,
        audience as finest_audience,
        method_version
    from {{ ref('ref_indicators') }}
    where starts_with(indicator_id, 'own_')

),

statistic_cells as (

    select * from {{ ref('xwalk_statistic_cells') }}

),

groups as (

    select
        group_id,
        dimension
    from {{ ref('dim_group') }}
    where not is_unknown

),

thresholds as (

    {{ disclosure_thresholds_of_all_audiences() | indent(4) }}

),

level_rows as (

    select
        leaving.audience,
        levels.entity_type,
        levels.entity_key,
        levels.municipality_code,
        levels.school_year,
        levels.indicator_id,
        levels.group_id,
        levels.numerator,
        levels.denominator,
        levels.value,
        levels.interval_low,
        levels.interval_high,
        cast(null as varchar) as verdict,
        levels.coverage,
        levels.status,
        levels.n_units,
        -- A row is shown whole or not at all. Why it is hidden is not told: a reader who knew which rows are
        -- hidden for the sake of others would know how few the rest are.
        case
            when not coalesce(figures.is_visible and persons.is_visible, false) then 'protected'
        end as suppression,
        coalesce(figures.reason, persons.reason) as refusal,
        levels.break_in_series,
        levels.is_made_up
    from leaving
    inner join levels
        on
            leaving.entity_type = levels.entity_type
            and leaving.entity_key = levels.entity_key
            and leaving.school_year = levels.school_year
            and leaving.indicator_id = levels.indicator_id
            and leaving.group_id = levels.group_id
    left join pattern as figures
        on
            leaving.audience = figures.audience
            and leaving.figure_cell_id = figures.cell_id
    left join pattern as persons
        on
            leaving.audience = persons.audience
            and leaving.persons_cell_id = persons.cell_id

),

-- What statistics are made of, with what each audience does not see of it.
parts as (

    select
        thresholds.audience,
        levels.entity_type,
        levels.entity_key,
        levels.municipality_code,
        levels.school_year,
        catalogue.measure_id,
        groups.dimension,
        cast(level_rows.entity_key is null as integer) as is_unseen
    from levels
    inner join catalogue
        on levels.indicator_id = catalogue.indicator_id
    inner join groups
        on levels.group_id = groups.group_id
    inner join thresholds
        on levels.entity_type = thresholds.entity_type
    left join level_rows
        on
            thresholds.audience = level_rows.audience
            and levels.entity_type = level_rows.entity_type
            and levels.entity_key = level_rows.entity_key
            and levels.school_year = level_rows.school_year
            and levels.indicator_id = level_rows.indicator_id
            and levels.group_id = level_rows.group_id
            and level_rows.suppression is null
    where levels.value is not null

),

-- A difference between groups tells each from the other: it is shown where all of them are.
unseen_groups as (

    select
        audience,
        entity_type,
        entity_key,
        school_year,
        measure_id,
        dimension,
        sum(is_unseen) as unseen
    from parts
    group by audience, entity_type, entity_key, school_year, measure_id, dimension

),

-- Several statistics of the same units are as many equations: of counts, a few of them tell every one that is
-- hidden. So a statistic over units is shown where all of them are.
unseen_units as (

    select
        audience,
        municipality_code,
        school_year,
        measure_id,
        sum(is_unseen) as unseen
    from parts
    where entity_type = 'unit' and dimension = 'all'
    group by audience, municipality_code, school_year, measure_id

),

described as (

    select
        statistics.*,
        -- The level whose cells the statistic is made of.
        coalesce(statistic_cells.cell_measure_id, catalogue.measure_id) as measure_id,
        catalogue.method,
        catalogue.finest_audience,
        -- The groups a statistic compares; of one unit, the unit itself.
        case
            when regexp_matches(catalogue.method, '^(unit_)?group_gap_')
                then regexp_replace(catalogue.method, '^(unit_)?group_gap_', '')
            when statistics.entity_type = 'unit' then 'all'
        end as compared
    from statistics
    inner join catalogue
        on statistics.indicator_id = catalogue.indicator_id
    left join statistic_cells
        on catalogue.measure_id = statistic_cells.measure_id

),

statistic_rows as (

    select
        thresholds.audience,
        described.entity_type,
        described.entity_key,
        described.municipality_code,
        described.school_year,
        described.indicator_id,
        described.group_id,
        -- What is divided by what is often a figure of a single group.
        cast(null as decimal(18, 4)) as numerator,
        cast(null as decimal(18, 4)) as denominator,
        described.value,
        described.interval_low,
        described.interval_high,
        described.verdict,
        described.coverage,
        described.status,
        described.n_units,
        case
            when
                described.suppression is not null
                or described.n_hidden_units between 1 and thresholds.minimum_hidden_units - 1
                or unseen_groups.unseen > 0
                or unseen_units.unseen > 0
                then 'protected'
        end as suppression,
        cast(null as varchar) as refusal,
        described.break_in_series,
        described.is_made_up
    from described
    inner join thresholds
        on
            described.entity_type = thresholds.entity_type
            and (described.finest_audience = 'public' or thresholds.audience = 'internal')
    left join unseen_groups
        on
            thresholds.audience = unseen_groups.audience
            and described.entity_type = unseen_groups.entity_type
            and described.entity_key = unseen_groups.entity_key
            and described.school_year = unseen_groups.school_year
            and described.measure_id = unseen_groups.measure_id
            and described.compared = unseen_groups.dimension
    left join unseen_units
        on
            described.compared is null
            and thresholds.audience = unseen_units.audience
            and described.municipality_code = unseen_units.municipality_code
            and described.school_year = unseen_units.school_year
            and described.measure_id = unseen_units.measure_id

),

unioned as (

    select * from level_rows
    union all
    select * from statistic_rows

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
