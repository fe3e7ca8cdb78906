-- The municipality's own survey: one row per unit, school year, respondent, question area and year group
-- (`all` for the whole unit), with the pupils who could have answered.

with survey as (

    select * from {{ ref('stg_deliveries__survey') }}

),

pupils as (

    select
        unit_key,
        school_year,
        case when grouping(year_group) = 1 then 'all' else cast(year_group as varchar) end as year_group,
        count(distinct person_key) as n_pupils
    from {{ ref('int_persons__october') }}
    where school_form <> 'fth'
    group by grouping sets ((unit_key, school_year, year_group), (unit_key, school_year))

)

select
    survey.unit_code as unit_key,
    survey.school_year,
    survey.respondent,
    survey.question_area,
    coalesce(cast(survey.year_group as varchar), 'all') as year_group,
    survey.answers as n_answers,
    case when survey.respondent = 'elever' then pupils.n_pupils end as n_asked,
    survey.index_value
from survey
left join pupils
    on
        survey.unit_code = pupils.unit_key
        and survey.school_year = pupils.school_year
        and coalesce(cast(survey.year_group as varchar), 'all') = pupils.year_group
