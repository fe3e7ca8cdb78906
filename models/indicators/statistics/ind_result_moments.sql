-- Means and squares of pupils' results per unit, with the unit's municipality and need: one row per unit,
-- school year and measure. Small units stay: an estimate needs them, and shows none of them.

with moments as (

    select * from {{ ref('fct_unit_result_moments') }}
    where dimension = 'all'

),

units as (

    select
        unit_key,
        municipality_code
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

need as (

    select
        unit_key,
        school_year,
        cast(index_value as double) as need_index
    from {{ ref('fct_structural_compensation') }}
    where school_form = 'gr'

)

select
    units.municipality_code,
    moments.unit_key,
    moments.school_year,
    'own_' || moments.measure_id as measure_id,
    moments.n_pupils,
    moments.mean_value,
    moments.squares_within,
    cast(moments.lowest as double) as lowest,
    cast(moments.highest as double) as highest,
    need.need_index,
    moments.is_made_up
from moments
inner join units
    on moments.unit_key = units.unit_key
left join need
    on
        moments.unit_key = need.unit_key
        and moments.school_year = need.school_year
