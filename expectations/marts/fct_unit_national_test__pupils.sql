-- Tests of units apart from those of the pupils, by school year, year group and subject.
with pupils as (

    select
        school_year,
        year_group,
        subject_code,
        count(*) as n_delivered,
        count(*) filter (where test_grade in ('A', 'B', 'C', 'D', 'E')) as n_reached
    from restricted.fct_national_test
    group by school_year, year_group, subject_code

),

units as (

    select
        school_year,
        year_group,
        subject_code,
        sum(n_delivered) as n_delivered,
        sum(numerator) as n_reached
    from fct_unit_national_test
    group by school_year, year_group, subject_code

)

select
    pupils.school_year,
    pupils.year_group,
    pupils.subject_code,
    cast(abs(pupils.n_delivered - coalesce(units.n_delivered, 0)) as double)
    + cast(abs(pupils.n_reached - coalesce(units.n_reached, 0)) as double) as tests_apart
from pupils
left join units
    on
        pupils.school_year = units.school_year
        and pupils.year_group = units.year_group
        and pupils.subject_code = units.subject_code
