with forecasts as (

    select * from {{ ref('int_outcomes__grade_forecasts') }}

),

grades as (

    select * from {{ ref('fct_grade') }}
    where is_final and is_counted and not is_trial

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

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

final_grades as (

    select
        person_key,
        school_year,
        subject_code,
        arg_max(grade_value, (registered_on, grade_value)) as final_grade
    from grades
    group by person_key, school_year, subject_code

),

compared as (

    select
        forecasts.*,
        final_grades.final_grade,
        expected.points as forecast_points,
        found.points as final_points
    from forecasts
    left join final_grades
        on
            forecasts.person_key = final_grades.person_key
            and forecasts.school_year = final_grades.school_year
            and forecasts.subject_code = final_grades.subject_code
    left join scales as expected
        on forecasts.forecast_grade = expected.value
    left join scales as found
        on final_grades.final_grade = found.value

)

select
    compared.person_key,
    compared.unit_key,
    compared.school_year,
    compared.year_group,
    compared.forecast_on,
    compared.subject_code,
    compared.forecast_grade,
    compared.final_grade,
    case
        when compared.forecast_points = compared.final_points then 'right'
        when compared.forecast_points > compared.final_points then 'too_high'
        when compared.forecast_points < compared.final_points then 'too_low'
    end as outcome_of_forecast,
    compared.is_protected,
    compared.is_known_person,
    coalesce(units.is_made_up, false) as is_made_up
from compared
left join units
    on compared.unit_key = units.unit_key
