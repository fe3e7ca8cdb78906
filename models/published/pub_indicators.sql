with indicators as (

    select
        *,
        -- A mark on a row that has no value anyway says nothing, unless an agency hid it.
        case
            when value is not null or status = 'suppressed_at_source' then suppression
        end as effective_suppression,
        -- A numerator beside a denominator is the value: they are shown where the value is, and only there.
        value is not null and suppression is null as is_shown
    from {{ ref('ind_indicators') }}

),

-- Six decimals: the order of summation must not make two equal releases differ.
open_rows as (

    select
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        group_id,
        case when is_shown then numerator end as numerator,
        case when is_shown or effective_suppression = 'rounded_100' then denominator end as denominator,
        case when is_shown then round(value, 6) end as value,
        case when is_shown then round(interval_low, 6) end as interval_low,
        case when is_shown then round(interval_high, 6) end as interval_high,
        case when is_shown then verdict end as verdict,
        round(coverage, 6) as coverage,
        case when effective_suppression is null then status else 'suppressed' end as status,
        effective_suppression as suppression,
        n_units,
        round(national_value, 6) as national_value,
        case when similar_count >= 3 then round(similar_value, 6) end as similar_value,
        case when similar_count >= 3 then similar_count end as similar_count,
        break_in_series,
        method_version,
        false as is_made_up
    from indicators

),

own_rows as (

    {{ own_indicator_rows('public') | indent(4) }}

),

unioned as (

    select * from open_rows
    union all
    select * from own_rows

),

verdicts as (

    select
        verdict,
        name_sv
    from {{ ref('ref_verdicts') }}

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
    unioned.interval_low,
    unioned.interval_high,
    unioned.verdict,
    verdicts.name_sv as verdict_sv,
    unioned.coverage,
    unioned.status,
    unioned.suppression,
    unioned.n_units,
    unioned.national_value,
    unioned.similar_value,
    unioned.similar_count,
    unioned.break_in_series,
    unioned.method_version,
    unioned.is_made_up
from unioned
left join verdicts
    on unioned.verdict = verdicts.verdict
