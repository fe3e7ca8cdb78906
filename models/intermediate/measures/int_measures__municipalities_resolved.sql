-- One figure per municipality, group, school year and measure; see int_measures__units_resolved for how
-- sources are ranked and hidden figures remembered.

with observed as (

    select * from {{ ref('int_measures__municipalities_observed') }}

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

groups as (

    select
        group_id,
        sex,
        organiser_kind
    from {{ ref('ref_groups') }}
    where dimension in ('all', 'sex', 'organiser', 'organiser_sex')

),

resolved as (

    select
        observed.municipality_code,
        groups.group_id,
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
        min(observed.value_status) filter (where statuses.is_hidden) as hidden_status
    from observed
    inner join statuses
        on observed.value_status = statuses.value_status
    inner join groups
        on
            observed.organiser_kind = groups.organiser_kind
            and observed.sex = groups.sex
    group by observed.municipality_code, groups.group_id, observed.school_year, observed.measure_id

)

select
    resolved.municipality_code,
    resolved.group_id,
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
        and resolved.municipality_code = base.municipality_code
        and resolved.group_id = base.group_id
        and resolved.school_year = base.school_year
