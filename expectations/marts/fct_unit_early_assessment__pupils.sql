-- Assessed pupils of units apart from those in the assessments, by school year, assessment and area.
with pupils as (

    select
        school_year,
        assessment,
        area,
        count(*) as n_assessed
    from restricted.fct_early_assessment
    group by school_year, assessment, area

),

units as (

    select
        school_year,
        assessment,
        area,
        sum(denominator) as n_assessed
    from fct_unit_early_assessment
    group by school_year, assessment, area

)

select
    pupils.school_year,
    pupils.assessment,
    pupils.area,
    cast(abs(pupils.n_assessed - coalesce(units.n_assessed, 0)) as double) as pupils_apart
from pupils
left join units
    on
        pupils.school_year = units.school_year
        and pupils.assessment = units.assessment
        and pupils.area = units.area
