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

-- A source may say two things about one figure: a value comes first, then that it is hidden.
ranked as (

    select
        observed.*,
        statuses.has_value,
        statuses.is_hidden,
        row_number() over (
            partition by observed.unit_key, observed.school_year, observed.measure_id
            order by
                observed.source_rank,
                statuses.has_value desc,
                statuses.is_hidden desc,
                observed.value_status,
                observed.value
        ) as preference
    from observed
    inner join statuses
        on observed.value_status = statuses.value_status

),

resolved as (

    select
        ranked.unit_key,
        ranked.school_year,
        ranked.measure_id,
        arg_min(ranked.value, ranked.preference) filter (where ranked.has_value) as value,
        coalesce(
            arg_min(ranked.value_status, ranked.preference) filter (where ranked.has_value),
            arg_min(ranked.value_status, ranked.preference)
        ) as value_status,
        coalesce(
            arg_min(ranked.source_id, ranked.preference) filter (where ranked.has_value),
            arg_min(ranked.source_id, ranked.preference)
        ) as source_id,
        min(ranked.base_count) as base_count,
        -- Of several hiding sources the most telling mark is kept: ~100 says more than two dots.
        min(ranked.value_status) filter (where ranked.is_hidden) as hidden_status
    from ranked
    group by ranked.unit_key, ranked.school_year, ranked.measure_id

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
