-- Outcomes that lie within each other, where both leave: whoever is in the narrow one is in the wide one too.

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
        figure_cell_id,
        breakdown
    from {{ ref('ind_disclosure_rows') }}
    where figure is not null and cell_kind = 'persons_share'

),

nested as (

    select * from {{ ref('ref_nested_outcomes') }}

),

paired as (

    select
        wide.audience,
        wide.entity_type,
        wide.figure_cell_id || '|beyond ' || nested.division as beyond_cell_id,
        wide.figure_cell_id as wide_cell_id,
        wide.figure as wide_figure,
        wide.persons as wide_persons,
        wide.breakdown,
        narrow.figure_cell_id as narrow_cell_id,
        narrow.figure as narrow_figure,
        case nested.persons when 'part' then narrow.persons else 0 end as narrow_persons
    from nested
    inner join leaving as wide
        on nested.wide_indicator_id = wide.indicator_id
    inner join leaving as narrow
        on
            nested.narrow_indicator_id = narrow.indicator_id
            and wide.audience = narrow.audience
            and wide.entity_type = narrow.entity_type
            and wide.entity_key = narrow.entity_key
            and wide.school_year = narrow.school_year
            and wide.group_id = narrow.group_id
    -- Said to be of the same persons, and not so many: of whom the one knows and the other not is not known.
    where nested.persons <> 'same' or wide.persons = narrow.persons

),

divided as (

    select
        audience,
        entity_type,
        beyond_cell_id,
        wide_cell_id,
        breakdown,
        cast(wide_figure - sum(narrow_figure) as bigint) as beyond,
        -- Where the narrow outcomes are those of parts of the group, the rest of the group is all there is.
        cast(wide_persons - sum(narrow_persons) as bigint) as beyond_at_most
    from paired
    group by audience, entity_type, beyond_cell_id, wide_cell_id, breakdown, wide_figure, wide_persons

),

members as (

    select
        audience,
        beyond_cell_id,
        narrow_cell_id as cell_id,
        1 as coefficient
    from paired
    union all
    select
        audience,
        beyond_cell_id,
        wide_cell_id as cell_id,
        -1 as coefficient
    from divided

)

select
    members.audience,
    divided.entity_type,
    members.beyond_cell_id,
    members.cell_id,
    cast(members.coefficient as bigint) as coefficient,
    divided.beyond,
    divided.beyond_at_most,
    divided.breakdown
from members
inner join divided
    on
        members.audience = divided.audience
        and members.beyond_cell_id = divided.beyond_cell_id
