-- Early assessments in figures: one row per unit, school year, assessment and area.

with assessments as (

    select * from {{ ref('int_outcomes__early_assessments') }}

),

pupils as (

    select
        unit_key,
        school_year,
        case
            when school_form = 'fsk' then 'kartlaggning_forskoleklass'
            else 'bedomningsstod_ak1'
        end as assessment,
        count(distinct person_key) as n_pupils
    from {{ ref('int_persons__october') }}
    where school_form = 'fsk' or (school_form = 'gr' and year_group = 1)
    group by unit_key, school_year, school_form

),

counted as (

    select
        unit_key,
        school_year,
        assessment,
        area,
        count(*) as n_assessed,
        count(*) filter (where outcome = 'nar_malen') as n_reached,
        count(*) filter (where outcome = 'risk') as n_at_risk,
        count(*) filter (where outcome = 'stodinsats') as n_support
    from assessments
    group by unit_key, school_year, assessment, area

)

select
    counted.unit_key,
    counted.school_year,
    counted.assessment,
    counted.area,
    pupils.n_pupils,
    counted.n_assessed,
    counted.n_reached,
    counted.n_at_risk,
    counted.n_support
from counted
left join pupils
    on
        counted.unit_key = pupils.unit_key
        and counted.school_year = pupils.school_year
        and counted.assessment = pupils.assessment
