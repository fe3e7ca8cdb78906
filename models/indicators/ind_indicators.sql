with figures as (

    select * from {{ ref('ind_levels') }}
    union all
    select * from {{ ref('ind_changes') }}
    union all
    select * from {{ ref('ind_unit_spread') }}
    union all
    select * from {{ ref('ind_gaps') }}
    union all
    select * from {{ ref('ind_need_quarters') }}

),

-- Statistics from own data stand in ind_own_statistics: they have another disclosure control.
statistics as (

    select * from {{ ref('ind_statistics') }}
    where not starts_with(indicator_id, 'own_')

),

unioned as (

    select
        *,
        cast(null as double) as interval_low,
        cast(null as double) as interval_high,
        cast(null as varchar) as verdict
    from figures

    union all

    select
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        group_id,
        numerator,
        denominator,
        value,
        coverage,
        status,
        n_units,
        suppression,
        break_in_series,
        interval_low,
        interval_high,
        verdict
    from statistics

),

catalogue as (

    select
        indicator_id,
        measure_id,
        method_version
    from {{ ref('ref_indicators') }}

),

members as (

    select
        municipality_code,
        member_municipality_code
    from {{ ref('dim_municipality_group_member') }}
    where school_form = 'gr'

),

nation as (

    select
        indicator_id,
        school_year,
        group_id,
        value
    from unioned
    where entity_type = 'nation' and suppression is null

),

-- Only values that are shown themselves: a mean over seven with six known tells the seventh.
similar_means as (

    select
        unioned.entity_type,
        members.municipality_code,
        unioned.indicator_id,
        unioned.school_year,
        unioned.group_id,
        -- In order, for a sum of doubles depends on it.
        avg(unioned.value order by members.member_municipality_code) as value,
        count(unioned.value) as similar_count
    from unioned
    inner join members
        on unioned.entity_key = members.member_municipality_code
    where unioned.entity_type = 'municipality' and unioned.suppression is null
    group by
        unioned.entity_type,
        members.municipality_code,
        unioned.indicator_id,
        unioned.school_year,
        unioned.group_id

)

select
    unioned.entity_type,
    unioned.entity_key,
    unioned.school_year,
    unioned.indicator_id,
    unioned.group_id,
    unioned.numerator,
    unioned.denominator,
    unioned.value,
    unioned.coverage,
    unioned.status,
    unioned.n_units,
    nation.value as national_value,
    similar_means.value as similar_value,
    similar_means.similar_count,
    unioned.suppression,
    unioned.break_in_series,
    catalogue.method_version,
    unioned.interval_low,
    unioned.interval_high,
    unioned.verdict
from unioned
inner join catalogue
    on unioned.indicator_id = catalogue.indicator_id
left join nation
    on
        unioned.indicator_id = nation.indicator_id
        and unioned.school_year = nation.school_year
        and unioned.group_id = nation.group_id
left join similar_means
    on
        unioned.entity_type = similar_means.entity_type
        and unioned.entity_key = similar_means.municipality_code
        and unioned.indicator_id = similar_means.indicator_id
        and unioned.school_year = similar_means.school_year
        and unioned.group_id = similar_means.group_id
