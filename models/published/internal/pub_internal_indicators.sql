with own_rows as (

    {{ own_indicator_rows('internal') | indent(4) }}

),

verdicts as (

    select
        verdict,
        name_sv
    from {{ ref('ref_verdicts') }}

)

select
    own_rows.entity_type,
    own_rows.entity_key,
    own_rows.school_year,
    own_rows.indicator_id,
    own_rows.group_id,
    own_rows.numerator,
    own_rows.denominator,
    own_rows.value,
    own_rows.interval_low,
    own_rows.interval_high,
    own_rows.verdict,
    verdicts.name_sv as verdict_sv,
    own_rows.coverage,
    own_rows.status,
    own_rows.suppression,
    own_rows.n_units,
    own_rows.break_in_series,
    own_rows.method_version,
    own_rows.is_made_up
from own_rows
left join verdicts
    on own_rows.verdict = verdicts.verdict
