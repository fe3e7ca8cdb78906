-- Diplomas within a longer time less those within the shorter, by unit, year of start and programme.
with cohorts as (

    select
        unit_key,
        start_year,
        programme_kind,
        programme_code,
        max(numerator) filter (where within_years = 3) as n_in_three,
        max(numerator) filter (where within_years = 4) as n_in_four,
        max(numerator) filter (where within_years = 5) as n_in_five
    from fct_unit_upper_secondary
    group by unit_key, start_year, programme_kind, programme_code

)

select
    unit_key,
    start_year,
    programme_kind,
    programme_code,
    cast(least(n_in_four - n_in_three, n_in_five - n_in_four) as double) as more_in_longer
from cohorts
