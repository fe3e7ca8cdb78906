with figures as (

    select * from {{ ref('int_environment__local_survey') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    figures.unit_key,
    figures.school_year,
    figures.respondent,
    figures.question_area,
    figures.year_group,
    cast(figures.n_answers as bigint) as n_answers,
    figures.n_asked,
    figures.index_value as value,
    least(cast(figures.n_answers as double) / nullif(figures.n_asked, 0), 1) as coverage,
    case when figures.index_value is null then 'missing' else 'ok' end as status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
