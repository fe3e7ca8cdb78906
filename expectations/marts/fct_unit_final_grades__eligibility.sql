-- Pupils more who are eligible for a vocational programme, and for arts, than for harder ones.
with eligible as (

    select
        unit_key,
        school_year,
        max(numerator) filter (where measure_id = 'eligible_vocational_y9') as n_vocational,
        max(numerator) filter (where measure_id = 'eligible_arts_y9') as n_arts,
        max(numerator) filter (where measure_id in ('eligible_social_y9', 'eligible_science_y9')) as n_hardest
    from fct_unit_final_grades
    where dimension = 'all'
    group by unit_key, school_year

)

select
    unit_key,
    school_year,
    cast(least(n_vocational - n_arts, n_arts - n_hardest) as double) as more_for_easier
from eligible
