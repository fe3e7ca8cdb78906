-- Preschool is voluntary: days present are no absence.

with days as (

    select
        preschool.*,
        units.municipality_code,
        units.area_key
    from {{ ref('fct_unit_preschool_days') }} as preschool
    inner join {{ ref('dim_unit') }} as units
        on
            preschool.unit_key = units.unit_key
            and units.is_current

),

-- Teachers and childcare staff of units that only have preschool: elsewhere staff is not split by form.
staff as (

    select
        assignments.*,
        units.municipality_code,
        units.area_key,
        coalesce(assignments.category = 'preschool_teacher' and assignments.is_certified, false)
            as is_certified_preschool_teacher
    from {{ ref('fct_staff_assignment') }} as assignments
    inner join {{ ref('dim_unit') }} as units
        on
            assignments.unit_key = units.unit_key
            and units.is_current
            and units.school_forms = 'fs'
    where
        assignments.category in ('preschool_teacher', 'childcare')
        and assignments.is_employed_on_october_15
        and assignments.fte_percent > 0

),

children as (

    select
        unit_key,
        school_year,
        count(distinct person_key) as n_children
    from {{ ref('fct_pupil_october') }}
    where school_form = 'fs'
    group by unit_key, school_year

),

days_by_unit as (

    select
        municipality_code,
        area_key,
        unit_key,
        school_year,
        max(n_children_placed) as n_children,
        sum(numerator) as present_days,
        sum(denominator) as child_months,
        bool_or(is_made_up) as is_made_up
    from days
    group by municipality_code, area_key, unit_key, school_year

),

staff_by_unit as (

    select
        staff.municipality_code,
        staff.area_key,
        staff.unit_key,
        staff.school_year,
        count(distinct staff.person_key) as n_staff,
        sum(staff.fte_percent) as fte_percent,
        sum(staff.fte_percent) filter (where staff.is_certified is not null) as known_fte_percent,
        count(distinct staff.person_key) filter (where staff.is_certified is not null) as n_known,
        coalesce(sum(staff.fte_percent) filter (where staff.is_certified_preschool_teacher), 0)
            as certified_fte_percent,
        any_value(children.n_children) as n_children,
        bool_or(staff.is_made_up) as is_made_up
    from staff
    left join children
        on
            staff.unit_key = children.unit_key
            and staff.school_year = children.school_year
    group by staff.municipality_code, staff.area_key, staff.unit_key, staff.school_year

)

-- Hundredths of full-time equivalents are whole numbers, and so are days and children.
select
    {{ entity_columns('days_by_unit') }},
    days_by_unit.school_year,
    'own_preschool_days_present__level' as indicator_id,
    'all' as group_id,
    cast(sum(days_by_unit.n_children) as bigint) as persons,
    cast(sum(days_by_unit.present_days) as bigint) as total,
    cast(sum(days_by_unit.present_days) as decimal(18, 4)) as numerator,
    cast(sum(days_by_unit.child_months) as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(*) as n_units,
    bool_or(days_by_unit.is_made_up) as is_made_up
from days_by_unit
{{ unit_and_above('days_by_unit', ['school_year']) }}

union all

select
    {{ entity_columns('staff_by_unit') }},
    staff_by_unit.school_year,
    'own_preschool_teachers_certified__level' as indicator_id,
    'all' as group_id,
    cast(sum(staff_by_unit.n_known) as bigint) as persons,
    cast(round(sum(staff_by_unit.certified_fte_percent)) as bigint) as total,
    cast(sum(staff_by_unit.certified_fte_percent) / 100 as decimal(18, 4)) as numerator,
    cast(sum(staff_by_unit.known_fte_percent) / 100 as decimal(18, 4)) as denominator,
    cast(sum(staff_by_unit.known_fte_percent) as double)
    / nullif(sum(staff_by_unit.fte_percent), 0) as coverage,
    count(*) as n_units,
    bool_or(staff_by_unit.is_made_up) as is_made_up
from staff_by_unit
{{ unit_and_above('staff_by_unit', ['school_year']) }}

union all

select
    {{ entity_columns('staff_by_unit') }},
    staff_by_unit.school_year,
    'own_preschool_children_per_staff__level' as indicator_id,
    'all' as group_id,
    cast(sum(staff_by_unit.n_staff) as bigint) as persons,
    cast(sum(staff_by_unit.n_children) as bigint) as total,
    cast(sum(staff_by_unit.n_children) as decimal(18, 4)) as numerator,
    cast(sum(staff_by_unit.fte_percent) / 100 as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(*) as n_units,
    bool_or(staff_by_unit.is_made_up) as is_made_up
from staff_by_unit
where staff_by_unit.n_children is not null
{{ unit_and_above('staff_by_unit', ['school_year']) }}
