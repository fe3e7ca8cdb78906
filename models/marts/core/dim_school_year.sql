with years as (

    select cast(unnest(range(2010, 2036)) as integer) as autumn_year

)

select
    {{ school_year_from_autumn('autumn_year') }} as school_year,
    autumn_year,
    make_date(autumn_year, 7, 1) as start_date,
    make_date(autumn_year + 1, 6, 30) as end_date,
    -- From 1 July 2028 förskoleklass becomes the first of ten years of compulsory school.
    case when autumn_year >= 2028 then 10 else 9 end as compulsory_years
from years
