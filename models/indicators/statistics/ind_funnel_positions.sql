-- Where each unit lies in its funnel, and its share after shrinkage: one row per unit, school year and
-- measure. The limits widen where there are fewer pupils, and by the variance between units that chance does
-- not explain. There is a position and never a rank.

with units as (

    select * from {{ ref('ind_funnel_units') }}

),

targets as (

    select * from {{ ref('ind_funnel_targets') }}

),

rules as (

    select max(threshold) filter (where rule = 'funnel_minimum_units') as minimum_units
    from {{ ref('thr_statistics') }}

),

placed as (

    select
        units.*,
        count(*) over (partition by units.set_key, units.school_year, units.measure_id) >= rules.minimum_units
            as has_units,
        targets.target,
        targets.phi,
        targets.tau_squared,
        {{ funnel_z('units.successes', 'units.trials', 'targets.target', 'targets.tau_squared') }} as z,
        {{ funnel_lower('units.trials', 'targets.target', z_95(), 'targets.tau_squared') }} as limit_low,
        {{ funnel_upper('units.trials', 'targets.target', z_95(), 'targets.tau_squared') }} as limit_high,
        -- Empirical Bayes: the part of the distance that chance does not explain, and its error.
        targets.tau_squared
        / nullif(targets.tau_squared + targets.target * (1 - targets.target) / units.trials, 0)
            as reliability,
        sqrt(targets.target * (1 - targets.target) / units.trials) as chance_error
    from units
    inner join targets
        on
            units.set_type = targets.set_type
            and units.set_key = targets.set_key
            and units.school_year = targets.school_year
            and units.measure_id = targets.measure_id
    cross join rules
    where targets.target is not null

)

select
    municipality_code,
    unit_key,
    school_year,
    measure_id,
    successes,
    trials,
    cast(successes as double) / trials as unit_share,
    target,
    phi,
    tau_squared,
    z,
    {{ funnel_position('z') }} as funnel_position,
    limit_low,
    limit_high,
    reliability,
    target + reliability * (cast(successes as double) / trials - target) as shrunk,
    reliability * (cast(successes as double) / trials - target)
    - {{ z_95() }} * sqrt(reliability) * chance_error as shrunk_residual_low,
    reliability * (cast(successes as double) / trials - target)
    + {{ z_95() }} * sqrt(reliability) * chance_error as shrunk_residual_high,
    suppression,
    break_in_series,
    is_made_up
from placed
where has_units
