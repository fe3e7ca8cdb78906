-- Answers for each pupil who was asked, per unit, school year, question area and year group.
select
    unit_key,
    school_year,
    question_area,
    year_group,
    n_answers / cast(nullif(n_asked, 0) as double) as answers_per_pupil
from fct_unit_local_survey
where respondent = 'elever'
