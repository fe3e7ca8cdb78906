-- Points by which the mean of A to C is above that of D to F, by school year, year group and subject.
select
    school_year,
    year_group,
    subject_code,
    least(
        count(*) filter (where test_grade in ('A', 'B', 'C')),
        count(*) filter (where test_grade in ('D', 'E', 'F'))
    ) as n_of_fewer,
    avg(points) filter (where test_grade in ('A', 'B', 'C'))
    - avg(points) filter (where test_grade in ('D', 'E', 'F')) as points_above
from fct_national_test
where points is not null and test_grade is not null
group by school_year, year_group, subject_code
