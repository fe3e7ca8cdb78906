-- How far the mean lies inside the lowest and highest, and how large the squares may be at most, by row.
select
    unit_key,
    school_year,
    measure_id,
    dimension,
    group_value,
    least(mean_value - cast(lowest as double), cast(highest as double) - mean_value) as mean_inside,
    squares_within,
    n_pupils * pow(cast(highest as double) - cast(lowest as double), 2) / 4 - squares_within as squares_left
from fct_unit_result_moments
