-- Pupils of the whole less those of its parts, where nothing is hidden: one row per municipality, school
-- year, measure and way to divide. Teachers may work for two kinds of organiser, so only pupils are counted.
with counts as (

    select
        municipality_code,
        school_year,
        measure_id,
        max(value) filter (where group_id = 'all') as everyone,
        max(value) filter (where group_id = 'sex_girls') as girls,
        max(value) filter (where group_id = 'sex_boys') as boys,
        max(value) filter (where group_id = 'organiser_municipal') as municipal,
        max(value) filter (where group_id = 'organiser_independent') as independent
    from pub_municipality_measures
    where measure_id in ('pupils', 'graded_pupils_y6', 'graded_pupils_y9')
    group by municipality_code, school_year, measure_id

)

select
    municipality_code,
    school_year,
    measure_id,
    'sex' as dimension,
    everyone - girls - boys as difference
from counts
where girls is not null and boys is not null

union all

select
    municipality_code,
    school_year,
    measure_id,
    'organiser' as dimension,
    everyone - coalesce(municipal, 0) - coalesce(independent, 0) as difference
from counts
where municipal is not null or independent is not null
