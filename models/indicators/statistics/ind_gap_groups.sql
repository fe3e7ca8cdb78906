-- Two groups of pupils beside each other, of each unit and of the municipality: one row per entity, school
-- year, measure and dimension. The first group is the one whose result is taken first: girls, pupils with a
-- parent with post-secondary education, with Swedish background, not newly arrived.

with shares as (

    select * from {{ ref('fct_unit_final_grades') }}
    where measure_id in ('eligible_vocational_y9', 'passed_all_subjects_y9')

),

moments as (

    select * from {{ ref('fct_unit_result_moments') }}

),

units as (

    select
        unit_key,
        municipality_code
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

figures as (

    select
        unit_key,
        school_year,
        'own_' || measure_id as measure_id,
        'share' as kind,
        dimension,
        group_value,
        cast(denominator as bigint) as n_pupils,
        cast(numerator as bigint) as n_reached,
        cast(null as double) as mean_value,
        cast(null as double) as squares_within,
        is_made_up
    from shares

    union all

    select
        unit_key,
        school_year,
        'own_' || measure_id as measure_id,
        'mean' as kind,
        dimension,
        group_value,
        n_pupils,
        cast(null as bigint) as n_reached,
        mean_value,
        squares_within,
        is_made_up
    from moments

),

sided as (

    select
        units.municipality_code,
        figures.*,
        case
            when figures.dimension = 'all' then 'everyone'
            when figures.group_value in ('girls', 'higher', 'no') then 'first'
            when figures.group_value in ('boys', 'compulsory', 'upper_secondary', 'yes') then 'second'
            else 'unknown'
        end as side
    from figures
    inner join units
        on figures.unit_key = units.unit_key

),

pooled as (

    select
        case when grouping(unit_key) = 1 then 'municipality' else 'unit' end as entity_type,
        case when grouping(unit_key) = 1 then municipality_code else unit_key end as entity_key,
        municipality_code,
        school_year,
        measure_id,
        kind,
        dimension,
        side,
        cast(sum(n_pupils) as bigint) as n_pupils,
        cast(sum(n_reached) as bigint) as n_reached,
        sum(n_pupils * mean_value) / nullif(cast(sum(n_pupils) as double), 0) as mean_value,
        -- Squares within the parts, and of the parts' means around the mean of them all.
        sum(squares_within) + sum(n_pupils * pow(mean_value, 2))
        - pow(sum(n_pupils * mean_value), 2) / nullif(cast(sum(n_pupils) as double), 0) as squares,
        count(distinct unit_key) as n_units,
        bool_or(is_made_up) as is_made_up
    from sided
    group by
        grouping sets (
            (municipality_code, unit_key, school_year, measure_id, kind, dimension, side),
            (municipality_code, school_year, measure_id, kind, dimension, side)
        )

),

everyone as (

    select
        entity_type,
        entity_key,
        school_year,
        measure_id,
        n_pupils,
        n_units
    from pooled
    where side = 'everyone'

)

select
    first_group.entity_type,
    first_group.entity_key,
    first_group.municipality_code,
    first_group.school_year,
    first_group.measure_id,
    first_group.kind,
    first_group.dimension,
    first_group.n_pupils as first_pupils,
    first_group.n_reached as first_reached,
    first_group.mean_value as first_mean,
    sqrt(greatest(first_group.squares, 0) / nullif(first_group.n_pupils - 1, 0)) as first_deviation,
    second_group.n_pupils as second_pupils,
    second_group.n_reached as second_reached,
    second_group.mean_value as second_mean,
    sqrt(greatest(second_group.squares, 0) / nullif(second_group.n_pupils - 1, 0)) as second_deviation,
    cast(first_group.n_pupils + second_group.n_pupils as double) / nullif(everyone.n_pupils, 0) as coverage,
    everyone.n_units,
    first_group.is_made_up
from pooled as first_group
inner join pooled as second_group
    on
        first_group.entity_type = second_group.entity_type
        and first_group.entity_key = second_group.entity_key
        and first_group.school_year = second_group.school_year
        and first_group.measure_id = second_group.measure_id
        and first_group.dimension = second_group.dimension
inner join everyone
    on
        first_group.entity_type = everyone.entity_type
        and first_group.entity_key = everyone.entity_key
        and first_group.school_year = everyone.school_year
        and first_group.measure_id = everyone.measure_id
where first_group.side = 'first' and second_group.side = 'second'
