-- What a screening looks at: how far each unit lies below the others, in standard errors, and the upper limit
-- of its shrunk distance. One row per unit, school year and measure.

with positions as (

    select * from {{ ref('ind_funnel_positions') }}
    where starts_with(measure_id, 'own_')

),

residuals as (

    select * from {{ ref('ind_shrunk_residuals') }}

),

moments as (

    select * from {{ ref('ind_result_moments') }}

)

select
    municipality_code,
    unit_key,
    school_year,
    measure_id,
    'share' as kind,
    trials as pupils,
    z,
    shrunk_residual_high as shrunk_high
from positions

union all

select
    moments.municipality_code,
    moments.unit_key,
    moments.school_year,
    moments.measure_id,
    'mean' as kind,
    moments.n_pupils as pupils,
    residuals.z,
    residuals.shrunk_high
from moments
left join residuals
    on
        moments.municipality_code = residuals.municipality_code
        and moments.unit_key = residuals.unit_key
        and moments.school_year = residuals.school_year
        and moments.measure_id = residuals.measure_id
