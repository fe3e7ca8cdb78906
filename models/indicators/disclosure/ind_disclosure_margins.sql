-- The agencies' figures about the same pupils, as whole numbers of our cells: a rounded share of a group of
-- known size is a count, or one of a few.

with leaving as (

    select
        audience,
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        group_id,
        persons,
        figure,
        figure_cell_id as cell_id
    from {{ ref('ind_disclosure_rows') }}
    where figure is not null

),

definitions as (

    select
        margins.indicator_id,
        margins.measure_id,
        margins.decimals,
        margins.per_whole,
        margins.is_base_told,
        margins.tolerance,
        catalogue.cell_kind = 'persons_share' as is_count,
        catalogue.cell_kind = 'persons_share' and catalogue.better_is = 'higher' as is_of_not_reached
    from {{ ref('ref_agency_margins') }} as margins
    inner join {{ ref('ref_indicators') }} as catalogue
        on margins.indicator_id = catalogue.indicator_id

),

-- A municipality that reports its own units only is what the agencies call its municipal organiser.
groups as (

    select
        own.group_id,
        agency.group_id as agency_group_id
    from {{ ref('dim_group') }} as own
    inner join {{ ref('dim_group') }} as agency
        on
            own.sex = agency.sex
            and (
                own.organiser_kind = agency.organiser_kind
                or (own.organiser_kind = 'all' and agency.organiser_kind = 'municipal')
            )
    where
        own.dimension in ('all', 'sex', 'organiser')
        and agency.dimension in ('all', 'sex', 'organiser', 'organiser_sex')

),

agency_figures as (

    select
        'unit' as entity_type,
        unit_key as entity_key,
        school_year,
        measure_id,
        group_id,
        base_count,
        value,
        value_status,
        hidden_status
    from {{ ref('fct_unit_results') }}

    union all

    select
        'municipality' as entity_type,
        municipality_code as entity_key,
        school_year,
        measure_id,
        group_id,
        base_count,
        value,
        value_status,
        hidden_status
    from {{ ref('fct_municipality_results') }}

),

-- ~100 tells that one to four did not reach the level.
marks as (

    select
        entity_type,
        threshold as most_not_reached
    from {{ ref('thr_disclosure') }}
    where audience = 'public' and rule = 'maximum_not_reached'

),

compared as (

    select
        leaving.audience,
        leaving.cell_id,
        leaving.persons,
        leaving.figure,
        definitions.per_whole,
        definitions.tolerance,
        definitions.is_count,
        definitions.is_of_not_reached,
        coalesce(
            case when definitions.is_base_told then cast(agency_figures.base_count as bigint) end,
            leaving.persons
        ) as agency_persons,
        case
            when agency_figures.value_status = 'reported'
                then cast(round(agency_figures.value * pow(10, definitions.decimals)) as bigint)
        end as steps,
        case
            when
                definitions.is_of_not_reached
                and 'rounded_100' in (agency_figures.value_status, coalesce(agency_figures.hidden_status, ''))
                then marks.most_not_reached
        end as most_not_reached
    from leaving
    inner join definitions
        on leaving.indicator_id = definitions.indicator_id
    inner join groups
        on leaving.group_id = groups.group_id
    inner join agency_figures
        on
            leaving.entity_type = agency_figures.entity_type
            and leaving.entity_key = agency_figures.entity_key
            and leaving.school_year = agency_figures.school_year
            and definitions.measure_id = agency_figures.measure_id
            and groups.agency_group_id = agency_figures.group_id
    left join marks
        on leaving.entity_type = marks.entity_type

),

-- Half a step of the last decimal to either side, both ends included: nobody knows how a tie was rounded.
reached as (

    select
        *,
        greatest((agency_persons * (2 * steps - 1) + 2 * per_whole - 1) // (2 * per_whole), 0) as at_least,
        case
            when is_count then least(agency_persons * (2 * steps + 1) // (2 * per_whole), agency_persons)
            else agency_persons * (2 * steps + 1) // (2 * per_whole)
        end as at_most
    from compared
    where steps is not null

),

told as (

    select
        audience,
        cell_id,
        persons,
        figure,
        tolerance,
        is_count,
        agency_persons,
        case when is_of_not_reached then agency_persons - at_most else at_least end as low,
        case when is_of_not_reached then agency_persons - at_least else at_most end as high
    from reached

    union all

    select
        audience,
        cell_id,
        persons,
        figure,
        tolerance,
        is_count,
        agency_persons,
        1 as low,
        most_not_reached as high
    from compared
    where most_not_reached is not null

),

-- The figure is taken at its word where that is true. Of another day it tells ours to a few persons. Where it
-- differs by more, it is about others and tells nothing.
held as (

    select
        *,
        agency_persons = persons and figure between low and high as is_exact,
        abs(agency_persons - persons) <= tolerance
        and figure between low - tolerance and high + tolerance as is_near
    from told

),

narrowed as (

    select
        audience,
        cell_id,
        is_near,
        case
            when is_exact then low
            when is_near then greatest(low - tolerance, 0)
        end as low,
        case
            when is_exact then high
            when is_near and is_count then least(high + tolerance, persons)
            when is_near then high + tolerance
        end as high
    from held

)

select
    audience,
    cell_id,
    cast(max(low) as bigint) as low,
    cast(min(high) as bigint) as high,
    count(*) as figures_compared,
    count(*) filter (where not is_near) as figures_differing
from narrowed
group by audience, cell_id
