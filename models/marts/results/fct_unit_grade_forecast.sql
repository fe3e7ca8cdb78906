with forecasts as (

    select * from {{ ref('fct_grade_forecast') }}

),

-- No value belongs to two scales: the value alone tells its points.
scales as (

    select
        value,
        arg_max(points, valid_from) as points,
        arg_max(is_passed, valid_from) as is_passed
    from {{ ref('ref_grade_scales') }}
    group by value

),

counted as (

    select
        forecasts.unit_key,
        forecasts.school_year,
        forecasts.year_group,
        forecasts.forecast_on,
        case
            when grouping(forecasts.subject_code) = 1 then 'all'
            else forecasts.subject_code
        end as subject_code,
        count(*) as n_forecasts,
        count(*) filter (where scales.is_passed) as n_forecast_passed,
        count(forecasts.outcome_of_forecast) as n_compared,
        count(*) filter (where forecasts.outcome_of_forecast = 'right') as n_right,
        count(*) filter (where forecasts.outcome_of_forecast = 'too_high') as n_too_high,
        count(*) filter (where forecasts.outcome_of_forecast = 'too_low') as n_too_low,
        bool_or(forecasts.is_made_up) as is_made_up
    from forecasts
    left join scales
        on forecasts.forecast_grade = scales.value
    group by grouping sets (
        (
            forecasts.unit_key,
            forecasts.school_year,
            forecasts.year_group,
            forecasts.forecast_on,
            forecasts.subject_code
        ),
        (forecasts.unit_key, forecasts.school_year, forecasts.year_group, forecasts.forecast_on)
    )

)

select
    unit_key,
    school_year,
    year_group,
    forecast_on,
    subject_code,
    n_forecasts,
    n_forecast_passed,
    n_too_high,
    n_too_low,
    cast(n_right as decimal(18, 6)) as numerator,
    cast(n_compared as decimal(18, 6)) as denominator,
    100.0 * n_right / nullif(n_compared, 0) as value,
    cast(n_compared as double) / nullif(n_forecasts, 0) as coverage,
    case when n_compared = 0 then 'missing' else 'ok' end as status,
    is_made_up
from counted
