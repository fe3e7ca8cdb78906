-- How much of the differences between pupils lie between units, and how far apart pupils and units are: one
-- row per municipality, school year and indicator.

with moments as (

    select * from {{ ref('ind_result_moments') }}

),

components as (

    select * from {{ ref('ind_variance_components') }}

),

pupils as (

    select * from {{ ref('fct_municipality_result_spread') }}

),

adjusted as (

    select * from {{ ref('fct_municipality_variance_adjusted') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method like 'variance_%'

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

unit_thresholds as (

    select minimum_pupils from thresholds
    where entity_type = 'unit'

),

analysed as (

    {{ anova_of_moments('moments', by=['municipality_code', 'school_year', 'measure_id']) | indent(4) }}

),

between_units as (

    {{ weighted_sd(
        'moments', by=['municipality_code', 'school_year', 'measure_id'], value='mean_value', weight='n_pupils'
    ) | indent(4) }}

),

bases as (

    select
        moments.municipality_code,
        moments.school_year,
        moments.measure_id,
        count(*) filter (where moments.n_pupils < unit_thresholds.minimum_pupils) as n_hidden_units,
        bool_or(moments.is_made_up) as is_made_up
    from moments
    cross join unit_thresholds
    group by moments.municipality_code, moments.school_year, moments.measure_id

),

valued as (

    select
        analysed.municipality_code,
        analysed.school_year,
        indicators.indicator_id,
        indicators.minimum_units,
        analysed.n_pupils,
        analysed.n_units,
        bases.n_hidden_units,
        bases.is_made_up,
        case indicators.method
            when 'variance_icc' then analysed.icc
            when 'variance_icc_raw' then analysed.icc_raw
            when 'variance_icc_reml' then components.icc_reml
            when 'variance_icc_adjusted' then adjusted.icc_adjusted
            when 'variance_explained' then 100 * adjusted.explained
            when 'variance_eta2' then analysed.eta_squared
            when 'variance_unit_sd' then between_units.weighted_sd
            when 'variance_pupil_sd' then pupils.standard_deviation
            when 'variance_pupil_p10' then pupils.p10
            when 'variance_pupil_p50' then pupils.p50
            when 'variance_pupil_p90' then pupils.p90
            when 'variance_pupil_p90_p10' then pupils.p90_minus_p10
        end as value,
        case
            when indicators.method in ('variance_icc_adjusted', 'variance_explained') then adjusted.coverage
        end as coverage,
        case
            when indicators.method = 'variance_icc' and components.icc_low < 0 then 0
            when indicators.method = 'variance_icc' then components.icc_low
            when indicators.method = 'variance_icc_raw' then components.icc_low
        end as interval_low,
        case
            when indicators.method = 'variance_icc' and components.icc_high < 0 then 0
            when indicators.method = 'variance_icc' then components.icc_high
            when indicators.method = 'variance_icc_raw' then components.icc_high
        end as interval_high
    from analysed
    inner join indicators
        on analysed.measure_id = indicators.measure_id
    inner join bases
        on
            analysed.municipality_code = bases.municipality_code
            and analysed.school_year = bases.school_year
            and analysed.measure_id = bases.measure_id
    left join components
        on
            analysed.municipality_code = components.municipality_code
            and analysed.school_year = components.school_year
            and analysed.measure_id = components.measure_id
    left join between_units
        on
            analysed.municipality_code = between_units.municipality_code
            and analysed.school_year = between_units.school_year
            and analysed.measure_id = between_units.measure_id
    left join pupils
        on
            analysed.municipality_code = pupils.municipality_code
            and analysed.school_year = pupils.school_year
            and analysed.measure_id = 'own_' || pupils.measure_id
    left join adjusted
        on
            analysed.municipality_code = adjusted.municipality_code
            and analysed.school_year = adjusted.school_year
            and analysed.measure_id = 'own_' || adjusted.measure_id

),

-- A limit of a figure that is not there is no limit.
judged as (

    select
        *,
        value is not null and n_units >= minimum_units as is_defined
    from valued

)

select
    'municipality' as entity_type,
    judged.municipality_code as entity_key,
    judged.municipality_code,
    judged.school_year,
    judged.indicator_id,
    'all' as group_id,
    cast(null as decimal(18, 4)) as numerator,
    cast(judged.n_pupils as decimal(18, 4)) as denominator,
    case when judged.is_defined then judged.value end as value,
    judged.coverage,
    case when judged.is_defined then 'ok' else 'undefined' end as status,
    judged.n_units,
    judged.n_hidden_units,
    {{ hidden_units_suppression('judged.n_hidden_units', 'judged.n_pupils', 'minimum_pupils') }}
        as suppression,
    case when judged.is_defined then judged.interval_low end as interval_low,
    case when judged.is_defined then judged.interval_high end as interval_high,
    cast(null as varchar) as verdict,
    cast(null as varchar) as break_in_series,
    judged.is_made_up
from judged
inner join thresholds
    on thresholds.entity_type = 'municipality'
