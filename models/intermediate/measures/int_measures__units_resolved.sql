-- One figure per unit, school year and measure. The first-ranked source that has the figure gives it;
-- a source that hides it is remembered, because agencies hide by different rules and what one of them
-- hid must stay hidden when figures are published.

with observed as (

    select * from {{ ref('int_measures__units_observed') }}

),

statuses as (

    select
        value_status,
        has_value,
        is_hidden
    from {{ ref('ref_value_statuses') }}

),

measures as (

    select
        measure_id,
        domain,
        base_measure_id
    from {{ ref('ref_measures') }}

),

resolved as (

    select
        observed.unit_key,
        observed.school_year,
        observed.measure_id,
        arg_min(observed.value, observed.source_rank) filter (where statuses.has_value) as value,
        coalesce(
            arg_min(observed.value_status, observed.source_rank) filter (where statuses.has_value),
            arg_min(observed.value_status, observed.source_rank)
        ) as value_status,
        coalesce(
            arg_min(observed.source_id, observed.source_rank) filter (where statuses.has_value),
            arg_min(observed.source_id, observed.source_rank)
        ) as source_id,
        min(observed.base_count) as base_count,
        -- Of several hiding sources the most telling mark is kept: ~100 says more than two dots.
        min(observed.value_status) filter (where statuses.is_hidden) as hidden_status
    from observed
    inner join statuses
        on observed.value_status = statuses.value_status
    group by observed.unit_key, observed.school_year, observed.measure_id

)

select
    resolved.unit_key,
    resolved.school_year,
    resolved.measure_id,
    measures.domain,
    coalesce(resolved.base_count, base.value) as base_count,
    resolved.value,
    resolved.value_status,
    resolved.hidden_status,
    resolved.source_id
from resolved
inner join measures
    on resolved.measure_id = measures.measure_id
left join resolved as base
    on
        measures.base_measure_id = base.measure_id
        and resolved.unit_key = base.unit_key
        and resolved.school_year = base.school_year
