with pupils as (

    select * from {{ ref('fct_pupil_october') }}
    -- Children in preschool and educare are in no year group.
    where year_group is not null

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

grouped as (

    select
        units.municipality_code,
        units.area_key,
        pupils.unit_key,
        pupils.school_year,
        pupils.school_form,
        pupils.year_group,
        pupils.person_key,
        {{ pupil_group_ids('pupils') }} as group_id,
        pupils.is_made_up
    from pupils
    inner join units
        on pupils.unit_key = units.unit_key

)

select
    {{ entity_columns('grouped') }},
    grouped.school_year,
    grouped.school_form,
    grouped.year_group,
    grouped.group_id,
    count(distinct grouped.person_key) as n_pupils,
    count(distinct grouped.unit_key) as n_units,
    bool_or(grouped.is_made_up) as is_made_up
from grouped
{{ unit_and_above('grouped', ['school_year', 'school_form', 'year_group', 'group_id']) }}
