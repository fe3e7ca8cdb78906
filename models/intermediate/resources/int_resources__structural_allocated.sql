-- The structural pool shared out to the krona: one row per unit, school year and school form.
--
-- A unit's weight is pupils times index, so that twice the index is twice the money per pupil, whoever runs
-- the unit. A unit without an index gets the pupil-weighted mean of those with one. Weights are integers: the
-- index in ten-thousandths, all multiplied by the pupils with a known index so that the mean, too, is one.
-- Whole kronor first, then one more krona to those with the largest remainders, ties by unit. The same pool
-- shared by pupils alone is computed beside it, to see what the index moves.

with need as (

    select * from {{ ref('stg_deliveries__socioeconomic_index') }}

),

pools as (

    select
        school_year,
        school_form,
        cast(round(pool_kronor) as hugeint) as pool_kronor
    from {{ ref('stg_deliveries__structural_pools') }}

),

in_integers as (

    select
        unit_code,
        school_year,
        school_form,
        index_value,
        cast(coalesce(pupils, 0) as hugeint) as pupils,
        cast(round(index_value * 10000) as hugeint) as index_units
    from need

),

with_mean as (

    select
        *,
        coalesce(sum(pupils) filter (where index_units is not null) over pool, 0) as known_pupils,
        coalesce(sum(pupils * index_units) over pool, 0) as known_weight
    from in_integers
    window pool as (partition by school_year, school_form)

),

weighted as (

    select
        unit_code,
        school_year,
        school_form,
        'index' as basis,
        -- Nobody has an index: all have the same.
        case
            when known_pupils = 0 then pupils
            when index_units is null then pupils * known_weight
            else pupils * index_units * known_pupils
        end as weight
    from with_mean

    union all

    select
        unit_code,
        school_year,
        school_form,
        'pupils' as basis,
        pupils as weight
    from with_mean

),

shared as (

    select
        weighted.unit_code,
        weighted.school_year,
        weighted.school_form,
        weighted.basis,
        pools.pool_kronor,
        (pools.pool_kronor * weighted.weight) // nullif(sum(weighted.weight) over pool, 0) as whole_kronor,
        (pools.pool_kronor * weighted.weight) % nullif(sum(weighted.weight) over pool, 0) as left_over
    from weighted
    inner join pools
        on
            weighted.school_year = pools.school_year
            and weighted.school_form = pools.school_form
    window pool as (partition by weighted.school_year, weighted.school_form, weighted.basis)

),

ranked as (

    select
        *,
        pool_kronor - sum(whole_kronor) over (
            partition by school_year, school_form, basis
        ) as kronor_left,
        row_number() over (
            partition by school_year, school_form, basis
            order by left_over desc, unit_code asc
        ) as place
    from shared

),

allocated as (

    select
        unit_code,
        school_year,
        school_form,
        max(pool_kronor) as pool_kronor,
        max(whole_kronor + case when place <= kronor_left then 1 else 0 end) filter (
            where basis = 'index'
        ) as calculated_kronor,
        max(whole_kronor + case when place <= kronor_left then 1 else 0 end) filter (
            where basis = 'pupils'
        ) as equal_share_kronor
    from ranked
    group by unit_code, school_year, school_form

)

select
    with_mean.unit_code as unit_key,
    with_mean.school_year,
    with_mean.school_form,
    cast(with_mean.pupils as bigint) as n_pupils,
    with_mean.index_value,
    with_mean.index_value is null as is_index_missing,
    case
        when with_mean.pupils = 0 then null
        else
            coalesce(
                cast(with_mean.index_value as double),
                with_mean.known_weight / nullif(with_mean.known_pupils, 0) / 10000
            )
    end as index_used,
    cast(allocated.pool_kronor as bigint) as pool_kronor,
    cast(allocated.calculated_kronor as bigint) as calculated_kronor,
    cast(allocated.equal_share_kronor as bigint) as equal_share_kronor
from with_mean
left join allocated
    on
        with_mean.unit_code = allocated.unit_code
        and with_mean.school_year = allocated.school_year
        and with_mean.school_form = allocated.school_form
