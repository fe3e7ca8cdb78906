-- Mean index, how many groups have one and how many there are, per respondent, question area and year.
select
    respondent,
    question_area,
    school_year,
    count(*) as n_rows,
    count(value) as n_groups,
    avg(value) as mean_index,
    100.0 * count(value) / count(*) as percent_with_index
from fct_unit_local_survey
group by respondent, question_area, school_year
