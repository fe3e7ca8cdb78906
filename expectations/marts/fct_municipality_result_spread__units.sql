-- Pupils and mean of all units apart from the municipality's, by municipality, school year and measure.
with units as (

    select
        dim_unit.municipality_code,
        moments.school_year,
        moments.measure_id,
        sum(moments.n_pupils) as n_pupils,
        sum(moments.n_pupils * moments.mean_value) / sum(moments.n_pupils) as mean_value
    from fct_unit_result_moments as moments
    inner join dim_unit
        on moments.unit_key = dim_unit.unit_key
    where moments.dimension = 'all' and dim_unit.is_current
    group by dim_unit.municipality_code, moments.school_year, moments.measure_id

)

select
    spread.municipality_code,
    spread.school_year,
    spread.measure_id,
    cast(abs(spread.n_pupils - coalesce(units.n_pupils, 0)) as double) as pupils_apart,
    abs(spread.mean_value - units.mean_value) as means_apart
from fct_municipality_result_spread as spread
left join units
    on
        spread.municipality_code = units.municipality_code
        and spread.school_year = units.school_year
        and spread.measure_id = units.measure_id
