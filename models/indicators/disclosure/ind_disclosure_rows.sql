with levels as (

    select * from {{ ref('ind_own_levels_in_force') }}

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
        levels.entity_type,
        levels.entity_key,
        levels.municipality_code,
        levels.organiser_kind,
        levels.school_year,
        levels.indicator_id,
        levels.group_id,
        groups.dimension,
        groups.is_unknown,
        indicators.audience as finest_audience,
        indicators.cell_kind,
        indicators.count_basis in ('teachers_fte', 'teachers_heads') as is_about_staff,
        levels.persons,
        -- One that was not reported is in no sum, discloses nothing and has no cell.
        coalesce(levels.sensitive_count, levels.total) as figure,
        string_agg(levels.group_id || ':' || levels.persons, ' ') over breakdown as sizes,
        max(levels.persons) filter (where groups.is_unknown) over breakdown as unknown_persons
    from levels
    inner join indicators
        on levels.indicator_id = indicators.indicator_id
    inner join groups
        on levels.group_id = groups.group_id
    window breakdown as (
        partition by
            levels.entity_type,
            levels.entity_key,
            levels.school_year,
            levels.indicator_id,
            groups.dimension,
            coalesce(levels.sensitive_count, levels.total) is null
        order by levels.group_id
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
        -- The agencies publish how many pupils and teachers, girls and boys each unit has. How many have
        -- which background is a secret of its own, and so is that of one to four nothing is known.
        based.dimension in ('all', 'sex', 'organiser')
        and coalesce(based.unknown_persons, 0) not between 1 and thresholds.maximum_category as is_size_known,
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
            -- The public sees units by sex only.
            or (
                based.finest_audience = 'public'
                and (based.entity_type <> 'unit' or based.dimension in ('all', 'sex'))
            )
        )

),

ruled as (

    select
        *,
        is_too_small
        or (is_sensitive and coalesce(figure between 1 and maximum_not_reached, false)) as is_few,
        -- All of the group share the outcome, or all but a coalition who could find the others out.
        is_sensitive and coalesce(figure >= 1 and persons - figure <= coalition, false) as tells_of_group,
        not is_size_known and persons between 1 and maximum_category as is_size_secret
    from allowed

),

-- Those of whom nothing is known have no row of their own.
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

)

select
    audience,
    entity_type,
    entity_key,
    municipality_code,
    organiser_kind,
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
from readable
where is_whole_readable and 100 * share_secret <= maximum_percent_hidden
