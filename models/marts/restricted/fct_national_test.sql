with tests as (

    select * from {{ ref('int_outcomes__national_tests') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    tests.person_key,
    tests.unit_key,
    tests.school_year,
    tests.year_group,
    tests.subject_code,
    tests.test_grade,
    tests.points,
    tests.is_protected,
    tests.is_known_person,
    coalesce(units.is_made_up, false) as is_made_up
from tests
left join units
    on tests.unit_key = units.unit_key
