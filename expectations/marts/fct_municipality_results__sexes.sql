-- Pupils of year 9 who are neither girls nor boys, per municipality and school year; where nothing is hidden.
select
    municipality_code,
    school_year,
    sum(value) filter (where group_id = 'all')
    - sum(value) filter (where group_id in ('sex_girls', 'sex_boys')) as n_of_no_sex
from fct_municipality_results
where measure_id = 'graded_pupils_y9' and group_id in ('all', 'sex_girls', 'sex_boys')
group by municipality_code, school_year
having count(value) = 3
