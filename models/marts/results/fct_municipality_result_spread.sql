with pupils as (

    select * from {{ ref('int_own__pupil_results') }}

),

units as (

    select
        unit_key,
        municipality_code,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

placed as (

    select
        units.municipality_code,
        pupils.school_year,
        pupils.measure_id,
        pupils.result,
        units.is_made_up
    from pupils
    inner join units
        on pupils.unit_key = units.unit_key

),

measured as (

    {{ spread('placed', by=['municipality_code', 'school_year', 'measure_id', 'is_made_up'], value='result')
        | indent(4) }}

)

select
    municipality_code,
    school_year,
    measure_id,
    n_values as n_pupils,
    mean_value,
    standard_deviation,
    p10,
    p25,
    p50,
    p75,
    p90,
    p90_minus_p10,
    is_made_up
from measured
