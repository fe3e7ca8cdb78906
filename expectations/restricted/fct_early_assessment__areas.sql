-- Pupils assessed in the lesser of language and mathematics, in percent of the other, by year and assessment.
with counted as (

    select
        school_year,
        assessment,
        count(*) filter (where area = 'sprak') as n_language,
        count(*) filter (where area = 'matematik') as n_mathematics
    from fct_early_assessment
    group by school_year, assessment

)

select
    school_year,
    assessment,
    n_language + n_mathematics as n_assessments,
    100 * least(n_language, n_mathematics) / cast(greatest(n_language, n_mathematics) as double)
        as percent_of_other
from counted
