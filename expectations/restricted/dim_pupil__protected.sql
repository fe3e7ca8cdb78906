-- Rows about persons whose identity is protected in dim_pupil and who are not marked so where the row is.
with protected as (

    select person_key
    from dim_pupil
    where is_protected

),

marked as (

    select
        person_key,
        is_protected
    from dim_pupil_year

    union all

    select
        person_key,
        is_protected
    from fct_enrolment

    union all

    select
        person_key,
        is_protected
    from fct_pupil_october

    union all

    select
        person_key,
        is_protected
    from fct_transition

    union all

    select
        person_key,
        is_protected
    from fct_early_assessment

    union all

    select
        person_key,
        is_protected
    from fct_national_test

    union all

    select
        person_key,
        is_protected
    from fct_grade_forecast

    union all

    select
        person_key,
        is_protected
    from fct_upper_secondary_outcome

)

select count(*) filter (where not marked.is_protected) as n_not_marked
from marked
inner join protected
    on marked.person_key = protected.person_key
