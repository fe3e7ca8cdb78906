-- Outcomes within each other are shares of persons, of the same population and counted alike.
select
    nested.wide_indicator_id,
    nested.narrow_indicator_id
from {{ ref('ref_nested_outcomes') }} as nested
left join {{ ref('ref_indicators') }} as wide
    on nested.wide_indicator_id = wide.indicator_id
left join {{ ref('ref_indicators') }} as narrow
    on nested.narrow_indicator_id = narrow.indicator_id
where
    not coalesce(
        wide.cell_kind = 'persons_share'
        and narrow.cell_kind = 'persons_share'
        and wide.population = narrow.population
        and wide.count_basis = narrow.count_basis
        and wide.indicator_id <> narrow.indicator_id,
        false
    )
