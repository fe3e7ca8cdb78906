-- Forecasts of final grades, of the autumn (31 October) and of the spring (31 March).

with forecasts as (

    select
        *,
        case when month(forecast_on) >= 7 then 'autumn' else 'spring' end as season
    from {{ ref('fct_grade_forecast') }}

),

scales as (

    select
        value,
        arg_max(is_passed, valid_from) as is_passed
    from {{ ref('ref_grade_scales') }}
    group by value

),

pupils as (

    select * from {{ ref('dim_pupil_year') }}

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

grouped as (

    select
        units.municipality_code,
        units.area_key,
        forecasts.unit_key,
        forecasts.school_year,
        forecasts.year_group,
        forecasts.season,
        forecasts.person_key,
        case when forecasts.subject_code in ('SV', 'SVA') then 'swedish' else 'maths' end as subject,
        forecasts.subject_code in ('SV', 'SVA', 'MA') as is_swedish_or_maths,
        forecasts.outcome_of_forecast,
        scales.is_passed as is_forecast_passed,
        {{ pupil_group_ids('pupils') }} as group_id,
        forecasts.is_made_up
    from forecasts
    inner join units
        on forecasts.unit_key = units.unit_key
    left join scales
        on forecasts.forecast_grade = scales.value
    left join pupils
        on
            forecasts.person_key = pupils.person_key
            and forecasts.school_year = pupils.school_year

),

-- A pupil has a forecast in each of several subjects: the mean is over forecasts, the persons are pupils.
compared as (

    select
        {{ entity_columns('grouped') }},
        grouped.school_year,
        grouped.year_group,
        grouped.season,
        grouped.group_id,
        count(distinct grouped.person_key) filter (where grouped.outcome_of_forecast is not null) as persons,
        count(grouped.outcome_of_forecast) as n_compared,
        count(*) as n_forecasts,
        count(*) filter (where grouped.outcome_of_forecast = 'right') as n_right,
        count(*) filter (where grouped.outcome_of_forecast = 'too_high') as n_too_high,
        count(distinct grouped.unit_key) as n_units,
        bool_or(grouped.is_made_up) as is_made_up
    from grouped
    {{ unit_and_above('grouped', ['school_year', 'year_group', 'season', 'group_id']) }}

),

subjects as (

    select * from grouped
    where is_swedish_or_maths and is_forecast_passed is not null

),

predicted as (

    select
        {{ entity_columns('subjects') }},
        subjects.school_year,
        subjects.year_group,
        subjects.season,
        subjects.subject,
        subjects.group_id,
        count(distinct subjects.person_key) as persons,
        count(distinct subjects.person_key) filter (where subjects.is_forecast_passed) as n_passed,
        count(distinct subjects.unit_key) as n_units,
        bool_or(subjects.is_made_up) as is_made_up
    from subjects
    {{ unit_and_above('subjects', ['school_year', 'year_group', 'season', 'subject', 'group_id']) }}

)

-- Until the final grades are set there is nothing to compare with, and no row.
{% for outcome in ['right', 'too_high'] -%}
select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    'own_forecast_{{ outcome }}_' || season || '_y' || year_group || '__level' as indicator_id,
    group_id,
    persons,
    n_{{ outcome }} as total,
    cast(n_{{ outcome }} as decimal(18, 4)) as numerator,
    cast(n_compared as decimal(18, 4)) as denominator,
    cast(n_compared as double) / nullif(n_forecasts, 0) as coverage,
    n_units,
    is_made_up
from compared
where n_compared > 0

union all

{% endfor -%}

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    'own_forecast_passed_' || subject || '_' || season || '_y' || year_group || '__level' as indicator_id,
    group_id,
    persons,
    cast(null as bigint) as total,
    cast(n_passed as decimal(18, 4)) as numerator,
    cast(persons as decimal(18, 4)) as denominator,
    cast(null as double) as coverage,
    n_units,
    is_made_up
from predicted
