with pupils as (

    select * from {{ ref('int_composition__pupil_groups') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

-- A pupil in two units or forms has the same background in both: any of them will do.
select
    pupils.person_key,
    pupils.school_year,
    min(pupils.sex) as sex,
    min(pupils.parents_education) as parents_education,
    min(pupils.foreign_background) as foreign_background,
    min(pupils.newly_arrived) as newly_arrived,
    bool_or(pupils.is_protected) as is_protected,
    bool_or(coalesce(units.is_made_up, false)) as is_made_up
from pupils
left join units
    on pupils.unit_key = units.unit_key
group by pupils.person_key, pupils.school_year
