with leaving as (

    select
        *,
        concat_ws('|', entity_type, entity_key, school_year, indicator_id) as breakdown_of,
        bool_or(entity_type = 'unit') over (
            partition by audience, municipality_code, indicator_id, dimension
        ) as is_divided_into_units
    from {{ ref('ind_disclosure_rows') }}
    where figure is not null

),

totals as (

    select
        audience,
        breakdown_of,
        figure_cell_id,
        persons_cell_id
    from leaving
    where group_id = 'all'

),

-- The groups of each dimension, those of whom nothing is known included, make up the whole.
groups as (

    select
        leaving.audience,
        concat_ws('|', 'groups', leaving.breakdown_of, leaving.dimension) as relation_id,
        leaving.figure_cell_id,
        leaving.persons_cell_id,
        totals.figure_cell_id as total_figure_cell_id,
        totals.persons_cell_id as total_persons_cell_id
    from leaving
    inner join totals
        on
            leaving.audience = totals.audience
            and leaving.breakdown_of = totals.breakdown_of
    where leaving.dimension <> 'all'

),

-- The units make up the municipality, and those of one kind of organiser that kind's row.
units_of_municipality as (

    select
        *,
        group_id as municipality_group_id
    from leaving
    where entity_type in ('unit', 'municipality')
    union all
    select
        *,
        'organiser_' || organiser_kind as municipality_group_id
    from leaving
    where entity_type = 'unit' and group_id = 'all'

),

-- The units of an area make it up. Where no units leave, the areas and what lies outside them make up the
-- municipality; where they do, that follows.
places as (

    select
        *,
        concat_ws(
            '|', 'places', municipality_code, school_year, indicator_id, municipality_group_id
        ) as relation_id,
        case entity_type when 'unit' then 1 else -1 end as coefficient
    from units_of_municipality
    union all by name
    select
        *,
        concat_ws('|', 'units_of_area', area_key, school_year, indicator_id, group_id) as relation_id,
        case entity_type when 'unit' then 1 else -1 end as coefficient
    from leaving
    where area_key is not null
    union all by name
    select
        *,
        concat_ws('|', 'areas', municipality_code, school_year, indicator_id, group_id) as relation_id,
        case entity_type when 'area' then 1 else -1 end as coefficient
    from leaving
    where entity_type in ('area', 'municipality') and not is_divided_into_units

),

-- A person in two units counts once in the area or municipality: by how much the sums differ counts as known.
differences as (

    select
        audience,
        relation_id,
        sum(coefficient * figure) as figure_difference,
        sum(coefficient * persons) as persons_difference
    from places
    group by audience, relation_id
    having max(coefficient) = 1 and min(coefficient) = -1

),

summed as (

    select
        places.audience,
        places.relation_id,
        places.coefficient,
        places.figure_cell_id,
        places.persons_cell_id
    from places
    inner join differences
        on
            places.audience = differences.audience
            and places.relation_id = differences.relation_id

),

relations as (

    select
        audience,
        relation_id,
        figure_cell_id as cell_id,
        1 as coefficient
    from groups
    union all
    select
        audience,
        relation_id,
        any_value(total_figure_cell_id) as cell_id,
        -1 as coefficient
    from groups
    group by audience, relation_id
    union all
    select
        audience,
        relation_id || '|persons' as relation_id,
        persons_cell_id as cell_id,
        1 as coefficient
    from groups
    union all
    select
        audience,
        relation_id || '|persons' as relation_id,
        any_value(total_persons_cell_id) as cell_id,
        -1 as coefficient
    from groups
    group by audience, relation_id
    union all
    select
        audience,
        relation_id,
        figure_cell_id as cell_id,
        coefficient
    from summed
    union all
    select
        audience,
        relation_id || '|persons' as relation_id,
        persons_cell_id as cell_id,
        coefficient
    from summed
    union all
    select
        audience,
        relation_id,
        'one' as cell_id,
        -figure_difference as coefficient
    from differences
    where figure_difference <> 0
    union all
    select
        audience,
        relation_id || '|persons' as relation_id,
        'one' as cell_id,
        -persons_difference as coefficient
    from differences
    where persons_difference <> 0

),

-- Those in the outcome and those outside it make up the group.
outcomes as (

    select
        leaving.audience,
        leaving.rest_cell_id as relation_id,
        parts.part,
        case parts.part
            when 'rest' then leaving.rest_cell_id
            when 'figure' then leaving.figure_cell_id
            else leaving.persons_cell_id
        end as cell_id,
        case parts.part when 'persons' then -1 else 1 end as coefficient
    from leaving
    cross join (values ('rest'), ('figure'), ('persons')) as parts (part)
    where leaving.cell_kind = 'persons_share' and not leaving.is_size_known

),

nested as (

    select * from {{ ref('ind_disclosure_nested') }}

),

-- Those in the outcomes within it and those in none of them make up the wide outcome.
within as (

    select
        audience,
        beyond_cell_id as relation_id,
        cell_id,
        coefficient
    from nested
    union all
    select
        audience,
        beyond_cell_id as relation_id,
        beyond_cell_id as cell_id,
        1 as coefficient
    from nested
    where coefficient = -1

)

select
    audience,
    relation_id,
    cell_id,
    cast(coefficient as bigint) as coefficient
from relations
union all
select
    audience,
    relation_id,
    cell_id,
    cast(coefficient as bigint) as coefficient
from outcomes
union all
select
    audience,
    relation_id,
    cell_id,
    cast(coefficient as bigint) as coefficient
from within
