-- Percent of test grades that pass, by school year, year group and subject.
select
    school_year,
    year_group,
    subject_code,
    count(*) as n_graded,
    100 * count(*) filter (where test_grade in ('A', 'B', 'C', 'D', 'E')) / cast(count(*) as double)
        as percent_passed
from fct_national_test
where test_grade in ('A', 'B', 'C', 'D', 'E', 'F')
group by school_year, year_group, subject_code
