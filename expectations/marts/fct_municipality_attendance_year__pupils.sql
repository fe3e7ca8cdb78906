-- Pupils and minutes of the municipality that are not those of the pupils' own years, by school year.
with pupils as (

    select
        entity_key as municipality_code,
        school_year,
        count(*) as n_pupils,
        sum(absent_minutes) as absent_minutes
    from restricted.fct_pupil_attendance_year
    where entity_type = 'municipality'
    group by entity_key, school_year

)

select
    figures.municipality_code,
    figures.school_year,
    abs(figures.n_pupils - coalesce(pupils.n_pupils, 0)) as pupils_apart,
    cast(abs(figures.numerator - coalesce(pupils.absent_minutes, 0)) as double) as minutes_apart
from fct_municipality_attendance_year as figures
left join pupils
    on
        figures.municipality_code = pupils.municipality_code
        and figures.school_year = pupils.school_year
