-- Groups that are told of persons with protected identity, by dimension.
select
    dimension,
    count(*) filter (where is_protected and group_value <> 'unknown') as n_told
from dim_pupil_year
unpivot (group_value for dimension in (sex, parents_education, foreign_background, newly_arrived))
group by dimension
