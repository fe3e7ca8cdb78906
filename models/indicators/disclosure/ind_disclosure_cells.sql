with leaving as (

    select * from {{ ref('ind_disclosure_rows') }}
    where figure is not null

),

thresholds as (

    {{ disclosure_thresholds_of_all_audiences() | indent(4) }}

),

leaving_rows as (

    select
        leaving.*,
        leaving.cell_kind = 'persons_share' as is_count,
        thresholds.coalition,
        thresholds.protection_below,
        thresholds.protection_above,
        thresholds.protection_width,
        thresholds.protection_percent,
        (case leaving.group_id when 'all' then thresholds.weight_all else thresholds.weight_group end)
            as level_weight
    from leaving
    inner join thresholds
        on
            leaving.audience = thresholds.audience
            and leaving.entity_type = thresholds.entity_type

),

-- How many persons are in a group. Rows of several indicators that count the same persons have one cell.
persons as (

    select
        audience,
        persons_cell_id as cell_id,
        'persons' as part,
        cast(null as varchar) as persons_cell_id,
        persons as value,
        max(level_weight) as level_weight,
        persons_breakdown as breakdown,
        is_size_secret as is_primary,
        least(persons, max(protection_below)) as lower_protection,
        max(protection_above) as upper_protection,
        max(protection_width) as sliding_protection,
        {{ largest_cell_value() }} as upper_bound,
        is_size_known as is_published_before,
        is_unknown and not is_size_known as is_hidden
    from leaving_rows
    group by
        audience, persons_cell_id, persons, persons_breakdown, is_size_known, is_size_secret, is_unknown

),

ruled_counts as (

    select
        *,
        -- What an attacker must reckon with outside the count: more persons than the coalition has members,
        -- as far as there are so many.
        least(figure, figure - persons + coalition + 1) as against_coalition
    from leaving_rows
    where is_count

),

-- That a count lies between zero and the size of its group is no disclosure: levels go no further.
counts as (

    select
        audience,
        figure_cell_id as cell_id,
        'figure' as part,
        persons_cell_id,
        figure as value,
        level_weight,
        breakdown,
        (is_few and figure > 0) or tells_of_group as is_primary,
        greatest(
            case when is_few then least(figure, protection_below) else 0 end,
            case when tells_of_group then against_coalition else 0 end
        ) as lower_protection,
        case when is_few then least(persons - figure, protection_above) else 0 end as upper_protection,
        greatest(
            case when is_few then least(persons, protection_width) else 0 end,
            case when tells_of_group then against_coalition else 0 end
        ) as sliding_protection,
        -- Whoever attacks a count is taken to know the size of its group, whether or not it is shown.
        persons as upper_bound,
        false as is_published_before,
        -- That nobody is in the outcome may be known, even where the group is too small for a row.
        is_unknown or (is_few and figure = 0) as is_hidden
    from ruled_counts

),

-- Where the size of the group is a secret too, those outside the outcome are a cell that no table shows.
rests as (

    select
        audience,
        rest_cell_id as cell_id,
        'rest' as part,
        persons_cell_id,
        persons - figure as value,
        level_weight,
        breakdown,
        false as is_primary,
        0 as lower_protection,
        0 as upper_protection,
        0 as sliding_protection,
        {{ largest_cell_value() }} as upper_bound,
        false as is_published_before,
        true as is_hidden
    from leaving_rows
    where is_count and not is_size_known

),

-- Sums behind means, and money. One of few can take out his own share and so tell the others': the p % rule
-- at its worst, as what each contributed is not known here.
totals as (

    select
        audience,
        figure_cell_id as cell_id,
        'figure' as part,
        persons_cell_id,
        figure as value,
        level_weight,
        breakdown,
        is_few as is_primary,
        least(figure, (figure * protection_percent + 99) // 100) as lower_protection,
        greatest((figure * protection_percent + 99) // 100, 1) as upper_protection,
        greatest((figure * protection_percent + 99) // 100, 1) as sliding_protection,
        {{ largest_cell_value() }} as upper_bound,
        false as is_published_before,
        is_unknown as is_hidden
    from leaving_rows
    where not is_count

),

-- Those in an outcome and in none of the outcomes within it. No table shows them, but whoever sees both
-- counts them: absent ten to fifteen per cent is an outcome too, and one to few in it are few.
beyonds as (

    select
        nested.audience,
        nested.beyond_cell_id as cell_id,
        'beyond' as part,
        cast(null as varchar) as persons_cell_id,
        nested.beyond as value,
        thresholds.weight_group as level_weight,
        nested.breakdown,
        nested.beyond between 1 and thresholds.maximum_not_reached as is_primary,
        least(nested.beyond, thresholds.protection_below) as lower_protection,
        least(nested.beyond_at_most - nested.beyond, thresholds.protection_above) as upper_protection,
        least(nested.beyond_at_most, thresholds.protection_width) as sliding_protection,
        nested.beyond_at_most as upper_bound,
        false as is_published_before,
        true as is_hidden
    from {{ ref('ind_disclosure_nested') }} as nested
    inner join thresholds
        on
            nested.audience = thresholds.audience
            and nested.entity_type = thresholds.entity_type
    -- One row of each relation: that of the wide outcome.
    where nested.coefficient = -1

),

-- Known differences between sums are multiples of it.
one as (

    select
        audience,
        'one' as cell_id,
        'one' as part,
        cast(null as varchar) as persons_cell_id,
        1 as value,
        1 as level_weight,
        'one' as breakdown,
        false as is_primary,
        0 as lower_protection,
        0 as upper_protection,
        0 as sliding_protection,
        1 as upper_bound,
        true as is_published_before,
        false as is_hidden
    from leaving
    group by audience

),

cells as (

    select * from persons
    union all
    select * from counts
    union all
    select * from rests
    union all
    select * from totals
    union all
    select * from beyonds
    union all
    select * from one

)

select
    audience,
    cell_id,
    part,
    persons_cell_id,
    cast(value as bigint) as value,
    level_weight * (1 + 0.01 * ln(1 + value)) as weight,
    breakdown,
    is_primary,
    cast(lower_protection as bigint) as lower_protection,
    cast(upper_protection as bigint) as upper_protection,
    cast(sliding_protection as bigint) as sliding_protection,
    cast(upper_bound as bigint) as upper_bound,
    is_published_before,
    is_hidden
from cells
