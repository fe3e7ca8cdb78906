with figures as (

    select * from {{ ref('int_resources__ledger') }}

),

units as (

    select
        unit_key,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    figures.unit_key,
    figures.calendar_year,
    figures.kind,
    figures.component,
    figures.amount_kronor,
    figures.n_pupils_before,
    figures.n_pupils_during,
    2.0 * figures.amount_kronor
    / nullif(figures.n_pupils_before + figures.n_pupils_during, 0) as kronor_per_pupil,
    case
        when figures.n_pupils_before is null or figures.n_pupils_during is null then 'missing'
        when figures.n_pupils_before + figures.n_pupils_during = 0 then 'undefined'
        else 'ok'
    end as status,
    coalesce(units.is_made_up, false) as is_made_up
from figures
left join units
    on figures.unit_key = units.unit_key
