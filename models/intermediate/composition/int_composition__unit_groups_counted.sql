-- Pupils of each unit by group: one row per unit, school year, school form (and `all`), dimension and group.
-- The dimension `all` has one group `all`. A pupil in two school forms of a unit is one pupil of the unit.

with pupils as (

    select * from {{ ref('int_composition__pupil_groups') }}

),

by_form as (

    select
        person_key,
        unit_key,
        school_year,
        school_form,
        'all' as everyone,
        sex,
        parents_education,
        foreign_background,
        newly_arrived,
        newly_immigrated
    from pupils

    union all

    select
        person_key,
        unit_key,
        school_year,
        'all' as school_form,
        'all' as everyone,
        max(sex) as sex,
        max(parents_education) as parents_education,
        max(foreign_background) as foreign_background,
        max(newly_arrived) as newly_arrived,
        max(newly_immigrated) as newly_immigrated
    from pupils
    group by person_key, unit_key, school_year

),

long as (

    select
        unit_key,
        school_year,
        school_form,
        dimension,
        group_value
    from by_form
    unpivot (group_value for dimension in (
        everyone as 'all',
        sex,
        parents_education,
        foreign_background,
        newly_arrived,
        newly_immigrated
    ))

),

counted as (

    select
        unit_key,
        school_year,
        school_form,
        dimension,
        group_value,
        count(*) as n_pupils
    from long
    group by unit_key, school_year, school_form, dimension, group_value

)

select
    unit_key,
    school_year,
    school_form,
    dimension,
    group_value,
    n_pupils,
    cast(sum(n_pupils) over whole as bigint) as n_all,
    cast(coalesce(sum(n_pupils) filter (where group_value <> 'unknown') over whole, 0) as bigint) as n_known
from counted
window whole as (partition by unit_key, school_year, school_form, dimension)
