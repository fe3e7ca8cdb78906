with screening as (

    select * from {{ ref('ind_unit_screening') }}

),

verdicts as (

    select
        verdict,
        name_sv
    from {{ ref('ref_verdicts') }}

),

-- What a unit's series says is shown where the figure it is made of is: the level, or what takes its place
-- where there is none.
visible as (

    select
        own.entity_key as unit_key,
        own.school_year,
        indicators.measure_id
    from {{ ref('ind_own_indicators') }} as own
    inner join {{ ref('ref_indicators') }} as indicators
        on own.indicator_id = indicators.indicator_id
    where
        own.audience = 'internal'
        and own.entity_type = 'unit'
        and own.group_id = 'all'
        and indicators.method in ('level', 'funnel_position', 'value_added_shrunk')
        and own.value is not null
        and own.suppression is null
    group by own.entity_key, own.school_year, indicators.measure_id

)

select
    screening.municipality_code,
    screening.unit_key,
    screening.unit_name,
    screening.school_year,
    screening.measure_id,
    screening.kind,
    round(screening.z, 1) as z,
    screening.n_observed,
    screening.is_candidate,
    screening.finding,
    verdicts.name_sv as finding_sv,
    screening.reason,
    screening.is_made_up
from screening
inner join visible
    on
        screening.unit_key = visible.unit_key
        and screening.school_year = visible.school_year
        and screening.measure_id = visible.measure_id
left join verdicts
    on screening.finding = verdicts.verdict
