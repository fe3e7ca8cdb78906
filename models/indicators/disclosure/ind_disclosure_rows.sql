-- An area of which one unit has figures is that unit: the unit's rows leave, the area's do not.
with levels as (

    select * from {{ ref('ind_own_levels_in_force') }}
    qualify
        entity_type <> 'area'
        or max(n_units) over (partition by entity_type, entity_key, school_year, indicator_id) > 1

),

areas as (

    select
        municipality_code,
        school_year,
        indicator_id,
        group_id,
        cast(sum(persons) as bigint) as persons,
        cast(sum(coalesce(sensitive_count, total)) as bigint) as figure
    from levels
    where entity_type = 'area'
    group by municipality_code, school_year, indicator_id, group_id

),

divided as (

    select
        municipality_code,
        school_year,
        indicator_id,
        list(distinct entity_key) as area_keys
    from levels
    where entity_type = 'area'
    group by municipality_code, school_year, indicator_id

),

units_outside_areas as (

    select
        units.municipality_code,
        units.school_year,
        units.indicator_id,
        units.group_id
    from levels as units
    inner join divided
        on
            units.municipality_code = divided.municipality_code
            and units.school_year = divided.school_year
            and units.indicator_id = divided.indicator_id
    where
        units.entity_type = 'unit'
        and not coalesce(list_contains(divided.area_keys, units.area_key), false)
    group by units.municipality_code, units.school_year, units.indicator_id, units.group_id

),

-- What is left of a municipality without its areas is in no table, but whoever subtracts has it. Persons in
-- two units may be in two areas: it is then less than those outside, and never below none.
outside_areas as (

    select
        levels.municipality_code,
        levels.school_year,
        levels.indicator_id,
        levels.group_id,
        levels.sensitive_count is not null as is_count,
        greatest(levels.persons - coalesce(areas.persons, 0), 0) as persons,
        greatest(coalesce(levels.sensitive_count, levels.total) - coalesce(areas.figure, 0), 0) as figure
    from levels
    inner join units_outside_areas
        on
            levels.municipality_code = units_outside_areas.municipality_code
            and levels.school_year = units_outside_areas.school_year
            and levels.indicator_id = units_outside_areas.indicator_id
            and levels.group_id = units_outside_areas.group_id
    left join areas
        on
            levels.municipality_code = areas.municipality_code
            and levels.school_year = areas.school_year
            and levels.indicator_id = areas.indicator_id
            and levels.group_id = areas.group_id
    where
        levels.entity_type = 'municipality'
        and coalesce(levels.sensitive_count, levels.total) is not null

),

figures as (

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
        -- One that was not reported is in no sum, discloses nothing and has no cell.
        coalesce(sensitive_count, total) as figure,
        false as is_outside_areas
    from levels

    union all

    select
        'area' as entity_type,
        municipality_code || '-' as entity_key,
        municipality_code,
        null as organiser_kind,
        null as area_key,
        school_year,
        indicator_id,
        group_id,
        persons,
        case when is_count then least(figure, persons) else figure end as figure,
        true as is_outside_areas
    from outside_areas
    where persons > 0 or figure > 0

),

indicators as (

    select
        indicator_id,
        audience,
        cell_kind,
        count_basis
    from {{ ref('ref_indicators') }}
    where cell_kind in ('persons_share', 'mean', 'amount')

),

groups as (

    select
        group_id,
        dimension,
        is_unknown
    from {{ ref('dim_group') }}

),

thresholds as (

    {{ disclosure_thresholds_of_all_audiences() | indent(4) }}

),

described as (

    select
        figures.entity_type,
        figures.entity_key,
        figures.municipality_code,
        figures.organiser_kind,
        figures.area_key,
        figures.school_year,
        figures.indicator_id,
        figures.group_id,
        groups.dimension,
        groups.is_unknown or figures.is_outside_areas as is_unknown,
        figures.is_outside_areas,
        indicators.audience as finest_audience,
        indicators.cell_kind,
        indicators.count_basis in ('teachers_fte', 'teachers_heads') as is_about_staff,
        figures.persons,
        figures.figure,
        string_agg(figures.group_id || ':' || figures.persons, ' ') over breakdown as sizes,
        max(figures.persons) filter (where groups.is_unknown) over breakdown as unknown_persons
    from figures
    inner join indicators
        on figures.indicator_id = indicators.indicator_id
    inner join groups
        on figures.group_id = groups.group_id
    window breakdown as (
        partition by
            figures.entity_type,
            figures.entity_key,
            figures.school_year,
            figures.indicator_id,
            groups.dimension,
            figures.figure is null
        order by figures.group_id
        rows between unbounded preceding and unbounded following
    )

),

-- Indicators that count the same persons share the cells of their number: hidden in one, hidden in all.
based as (

    select
        *,
        min(indicator_id) over (
            partition by entity_type, entity_key, school_year, dimension, sizes, figure is null
        ) as base
    from described

),

-- Audiences, and what each may see. A dimension that no relation is stated for cannot be protected, and does
-- not leave.
allowed as (

    select
        thresholds.audience,
        based.*,
        coalesce(based.unknown_persons between 1 and thresholds.maximum_category, false) as has_few_unknown,
        based.persons between 1 and case
            when based.is_about_staff then thresholds.minimum_teachers
            else thresholds.minimum_pupils
        end - 1 as is_too_small,
        -- That a teacher lacks a certificate is in a public register: outcomes are sensitive for pupils only.
        based.cell_kind = 'persons_share' and not based.is_about_staff as is_sensitive,
        thresholds.maximum_not_reached,
        thresholds.maximum_category,
        thresholds.coalition,
        thresholds.maximum_percent_hidden
    from based
    inner join thresholds
        on based.entity_type = thresholds.entity_type
    where
        based.dimension in (
            'all', 'sex', 'organiser', 'parents_education', 'foreign_background', 'newly_arrived'
        )
        and (
            thresholds.audience = 'internal'
            -- The public sees units and areas by sex only.
            or (
                based.finest_audience = 'public'
                and (based.entity_type = 'municipality' or based.dimension in ('all', 'sex'))
            )
        )

),

-- The agencies publish how many pupils and teachers, girls and boys each unit has. How many have which
-- background is a secret of its own, and so is that of one to four nothing is known. Of an area is known what
-- is known of all its units.
sized as (

    select
        *,
        dimension in ('all', 'sex', 'organiser')
        and not case entity_type
            when 'area'
                then
                    bool_or(has_few_unknown and entity_type <> 'municipality') over (
                        partition by
                            audience,
                            coalesce(area_key, municipality_code),
                            school_year,
                            indicator_id,
                            dimension
                    )
            else has_few_unknown
        end as is_size_known
    from allowed

),

ruled as (

    select
        *,
        is_too_small
        or (is_sensitive and coalesce(figure between 1 and maximum_not_reached, false)) as is_few,
        -- All of the group share the outcome, or all but a coalition who could find the others out.
        is_sensitive and coalesce(figure >= 1 and persons - figure <= coalition, false) as tells_of_group,
        not is_size_known and persons between 1 and maximum_category as is_size_secret
    from sized

),

-- Those of whom nothing is known have no row of their own, and neither have those outside all areas.
marked as (

    select
        *,
        case when not is_unknown then is_few or tells_of_group or is_size_secret end as is_secret
    from ruled

),

-- Where many rows may not be shown, the others must be hidden for their sake: nothing readable is left.
judged as (

    select
        *,
        avg(cast(is_secret as integer)) over (
            partition by audience, municipality_code, indicator_id, dimension, entity_type
        ) as share_secret
    from marked

),

readable as (

    select
        *,
        -- No breakdown without the whole it breaks down.
        bool_or(dimension = 'all' and 100 * share_secret <= maximum_percent_hidden) over (
            partition by audience, municipality_code, indicator_id, entity_type
        ) as is_whole_readable
    from judged

),

left_in as (

    select
        *,
        bool_or(entity_type = 'unit') over (
            partition by audience, municipality_code, indicator_id, dimension
        ) as is_divided_into_units
    from readable
    where is_whole_readable and 100 * share_secret <= maximum_percent_hidden

)

select
    audience,
    entity_type,
    entity_key,
    municipality_code,
    organiser_kind,
    area_key,
    school_year,
    indicator_id,
    group_id,
    dimension,
    is_unknown,
    cell_kind,
    persons,
    figure,
    is_size_known,
    is_few,
    tells_of_group,
    is_size_secret,
    concat_ws('|', entity_type, entity_key, school_year, indicator_id, group_id) as figure_cell_id,
    concat_ws('|', entity_type, entity_key, school_year, base, group_id, 'persons') as persons_cell_id,
    concat_ws('|', entity_type, entity_key, school_year, indicator_id, group_id, 'rest') as rest_cell_id,
    concat_ws(', ', indicator_id, dimension, entity_type) as breakdown,
    concat_ws(', ', base, dimension, entity_type) as persons_breakdown
from left_in
-- Where units leave, those outside all areas are there one by one.
where not (is_outside_areas and is_divided_into_units)
