-- National tests in figures: one row per unit, school year, year group and subject.

with tests as (

    select * from {{ ref('int_outcomes__national_tests') }}

),

pupils as (

    select
        unit_key,
        school_year,
        year_group,
        count(distinct person_key) as n_pupils
    from {{ ref('int_persons__october') }}
    where school_form = 'gr'
    group by unit_key, school_year, year_group

),

counted as (

    select
        unit_key,
        school_year,
        year_group,
        subject_code,
        count(*) as n_delivered,
        count(*) filter (where test_grade in ('A', 'B', 'C', 'D', 'E', 'F')) as n_graded,
        count(*) filter (where test_grade in ('A', 'B', 'C', 'D', 'E')) as n_reached,
        count(points) as n_points,
        cast(sum(points) as decimal(18, 4)) as points_sum
    from tests
    group by unit_key, school_year, year_group, subject_code

)

select
    counted.unit_key,
    counted.school_year,
    counted.year_group,
    counted.subject_code,
    pupils.n_pupils,
    counted.n_delivered,
    counted.n_graded,
    -- A pupil has either Swedish or Swedish as a second language: both together cover the year group.
    cast(sum(counted.n_graded) over (
        partition by
            counted.unit_key,
            counted.school_year,
            counted.year_group,
            case when counted.subject_code = 'SVA' then 'SV' else counted.subject_code end
    ) as bigint) as n_covered,
    counted.n_reached,
    counted.n_points,
    counted.points_sum
from counted
left join pupils
    on
        counted.unit_key = pupils.unit_key
        and counted.school_year = pupils.school_year
        and counted.year_group = pupils.year_group
