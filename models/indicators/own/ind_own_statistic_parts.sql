-- What own statistics are made of, as cells. Whoever sees all parts of a statistic learns nothing from it.

with statistics as (

    select * from {{ ref('ind_own_statistics_in_force') }}

),

levels as (

    select * from {{ ref('ind_own_levels_in_force') }}
    where value is not null

),

catalogue as (

    select
        indicator_id,
        measure_id,
        method
    from {{ ref('ref_indicators') }}

),

statistic_cells as (

    select * from {{ ref('xwalk_statistic_cells') }}

),

segregation_units as (

    select * from {{ ref('ind_segregation_units') }}
    where pupils > 0

),

thresholds as (

    {{ disclosure_thresholds_of_all_audiences() | indent(4) }}

),

groups as (

    select
        group_id,
        dimension
    from {{ ref('dim_group') }}
    where not is_unknown

),

parts as (

    select
        levels.entity_type,
        levels.entity_key,
        levels.municipality_code,
        levels.school_year,
        levels.indicator_id,
        levels.group_id,
        levels.persons,
        levels.numerator,
        catalogue.measure_id,
        groups.dimension
    from levels
    inner join catalogue
        on levels.indicator_id = catalogue.indicator_id
    inner join groups
        on levels.group_id = groups.group_id

),

described as (

    select
        statistics.entity_type,
        statistics.entity_key,
        statistics.municipality_code,
        statistics.school_year,
        statistics.indicator_id,
        statistics.group_id,
        catalogue.measure_id as statistic_measure_id,
        -- The level whose cells the statistic is made of.
        coalesce(statistic_cells.cell_measure_id, catalogue.measure_id) as measure_id,
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

-- A difference between groups tells each from the other. Several statistics of the same units are as many
-- equations: of counts, a few of them tell every unit that is hidden. Segregation is of the units that have
-- the school form.
of_levels as (

    select
        described.entity_type,
        described.entity_key,
        described.school_year,
        described.indicator_id,
        described.group_id,
        parts.entity_type as part_entity_type,
        parts.entity_key as part_entity_key,
        parts.school_year as part_school_year,
        parts.indicator_id as part_indicator_id,
        parts.group_id as part_group_id
    from described
    inner join parts
        on
            described.municipality_code = parts.municipality_code
            and described.school_year = parts.school_year
            and described.measure_id = parts.measure_id
            and case
                when described.compared is null then parts.entity_type = 'unit' and parts.dimension = 'all'
                else described.entity_key = parts.entity_key and described.compared = parts.dimension
            end
    left join segregation_units
        on
            described.statistic_measure_id = segregation_units.measure_id
            and described.school_year = segregation_units.school_year
            and parts.entity_key = segregation_units.unit_key
    where
        segregation_units.unit_key is not null
        or not starts_with(described.statistic_measure_id, 'own_segregation_')

),

-- Segregation is of one school form, levels are of all together. Beside the levels it tells how many of the
-- group, and of the others, a unit has in the form and in its other forms.
in_forms as (

    select
        described.entity_type,
        described.entity_key,
        described.school_year,
        described.indicator_id,
        described.group_id,
        described.statistic_measure_id,
        segregation_units.unit_key,
        segregation_units.focal,
        segregation_units.pupils - segregation_units.focal as rest,
        -- Who has a parent with higher education is counted in the level, and is not the group.
        case
            when described.measure_id = 'own_parents_higher_share' then parts.persons - parts.numerator
            else parts.numerator
        end as focal_of_all,
        parts.persons
    from described
    inner join segregation_units
        on
            described.statistic_measure_id = segregation_units.measure_id
            and described.school_year = segregation_units.school_year
            and described.municipality_code = segregation_units.municipality_code
    inner join parts
        on
            parts.entity_type = 'unit'
            and parts.dimension = 'all'
            and segregation_units.unit_key = parts.entity_key
            and segregation_units.school_year = parts.school_year
            and described.measure_id = parts.measure_id

),

of_forms as (

    select
        thresholds.audience,
        in_forms.entity_type,
        in_forms.entity_key,
        in_forms.school_year,
        in_forms.indicator_id,
        in_forms.group_id,
        'unit' as part_entity_type,
        in_forms.unit_key as part_entity_key,
        in_forms.school_year as part_school_year,
        -- In no table: nobody sees it.
        in_forms.statistic_measure_id as part_indicator_id,
        'all' as part_group_id
    from in_forms
    inner join thresholds
        on
            thresholds.entity_type = 'unit'
            and (
                in_forms.focal between 1 and thresholds.maximum_category
                or in_forms.rest between 1 and thresholds.maximum_category
                or in_forms.focal_of_all - in_forms.focal between 1 and thresholds.maximum_category
                or in_forms.persons - in_forms.focal_of_all - in_forms.rest
                between 1 and thresholds.maximum_category
            )

),

audiences as (

    select audience from thresholds
    group by audience

)

select
    audiences.audience,
    of_levels.*
from of_levels
cross join audiences
union all
select * from of_forms
