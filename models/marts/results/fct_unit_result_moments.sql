with pupils as (

    select
        *,
        'all' as everyone
    from {{ ref('int_own__pupil_results') }}

),

long as (

    select
        unit_key,
        school_year,
        measure_id,
        dimension,
        group_value,
        result
    from pupils
    unpivot (group_value for dimension in (
        everyone as 'all',
        sex,
        parents_education,
        foreign_background,
        newly_arrived
    ))

),

moments as (

    {{ unit_moments(
        'long', by=['school_year', 'measure_id', 'dimension', 'group_value'], unit='unit_key', value='result'
    ) | indent(4) }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    moments.unit as unit_key,
    moments.school_year,
    moments.measure_id,
    moments.dimension,
    moments.group_value,
    moments.n_pupils,
    moments.mean_value,
    moments.squares_within,
    moments.lowest,
    moments.highest,
    coalesce(units.is_made_up, false) as is_made_up
from moments
left join units
    on moments.unit = units.unit_key
