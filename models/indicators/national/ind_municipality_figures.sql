with figures as (

    select * from {{ ref('fct_municipality_results') }}

    union all

    select * from {{ ref('fct_municipality_staffing') }}

    union all

    select * from {{ ref('fct_municipality_composition') }}

    union all

    select * from {{ ref('fct_municipality_resources') }}

),

measures as (

    select * from {{ ref('dim_measure') }}

),

groups as (

    select
        group_id,
        sex,
        organiser_kind
    from {{ ref('dim_group') }}

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

ruled as (

    select
        figures.municipality_code,
        figures.school_year,
        figures.measure_id,
        figures.group_id,
        groups.sex,
        groups.organiser_kind,
        figures.base_count,
        figures.value,
        figures.value_status,
        figures.hidden_status,
        {{ primary_suppression() }} as suppression,
        figures.break_in_series,
        figures.source_id
    from figures
    inner join measures
        on figures.measure_id = measures.measure_id
    inner join groups
        on figures.group_id = groups.group_id
    inner join thresholds
        on thresholds.entity_type = 'municipality'

)

select
    municipality_code,
    school_year,
    measure_id,
    group_id,
    base_count,
    value,
    value_status,
    hidden_status,
    -- Where one sex is hidden the other one is hidden too: with the total it would tell the first.
    coalesce(
        suppression,
        case
            when
                sex <> 'all' and value is not null
                and count(suppression) filter (where sex <> 'all') over (
                    partition by municipality_code, school_year, measure_id, organiser_kind
                ) > 0
                then 'other_sex'
        end
    ) as suppression,
    break_in_series,
    source_id
from ruled
