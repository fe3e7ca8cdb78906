with allocated as (

    select * from {{ ref('int_resources__structural_allocated') }}

),

paid as (

    select * from {{ ref('int_resources__structural_paid') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

),

-- The unit: the sum of its school forms. A form without a pool leaves the sum unknown.
whole_units as (

    select
        unit_key,
        school_year,
        'all' as school_form,
        cast(sum(n_pupils) as bigint) as n_pupils,
        cast(null as decimal(9, 4)) as index_value,
        bool_or(is_index_missing) as is_index_missing,
        sum(n_pupils * index_used)
        / nullif(sum(n_pupils) filter (where index_used is not null), 0) as index_used,
        cast(null as bigint) as pool_kronor,
        case when count(calculated_kronor) = count(*) then cast(sum(calculated_kronor) as bigint) end
            as calculated_kronor,
        case when count(equal_share_kronor) = count(*) then cast(sum(equal_share_kronor) as bigint) end
            as equal_share_kronor
    from allocated
    group by unit_key, school_year

),

figures as (

    select
        unit_key,
        school_year,
        school_form,
        n_pupils,
        index_value,
        is_index_missing,
        index_used,
        pool_kronor,
        calculated_kronor,
        equal_share_kronor
    from allocated

    union all

    select
        unit_key,
        school_year,
        school_form,
        n_pupils,
        index_value,
        is_index_missing,
        index_used,
        pool_kronor,
        calculated_kronor,
        equal_share_kronor
    from whole_units

)

select
    figures.unit_key,
    figures.school_year,
    figures.school_form,
    figures.n_pupils,
    figures.index_value,
    figures.is_index_missing,
    figures.index_used,
    figures.pool_kronor,
    figures.calculated_kronor,
    figures.equal_share_kronor,
    figures.calculated_kronor - figures.equal_share_kronor as redistribution_kronor,
    cast(figures.calculated_kronor as double) / nullif(figures.n_pupils, 0) as calculated_per_pupil,
    paid.paid_kind,
    paid.paid_kronor,
    paid.paid_kronor - figures.calculated_kronor as difference_kronor,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join paid
    on
        figures.unit_key = paid.unit_key
        and figures.school_year = paid.school_year
        and figures.school_form = 'all'
left join units
    on figures.unit_key = units.unit_key
