-- Columns that are zero in every row of a school year although the heads they count are above zero: the
-- figures are wrong at the source and set to missing with the status `withdrawn`.

with teachers as (

    select * from {{ ref('stg_siris__teachers') }}

)

select
    'teachers' as dataset,
    'first_teachers_fte' as column_name,
    school_year,
    count(*) as n_rows,
    sum(first_teachers_heads) as counted_heads
from teachers
group by school_year
having max(coalesce(first_teachers_fte, 0)) = 0 and max(coalesce(first_teachers_heads, 0)) > 0
