-- Groups that are told of persons with protected identity, by dimension.
select
    dimension,
    count(*) filter (where is_protected and group_value <> 'unknown') as n_told
from fct_pupil_october
unpivot (
    group_value for dimension in (sex, parents_education, foreign_background, newly_arrived, newly_immigrated)
)
group by dimension
