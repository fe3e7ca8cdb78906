-- Own levels per audience, each with the mark that hides it.

with leaving as (

    select * from {{ ref('ind_disclosure_rows') }}
    where not is_unknown

),

levels as (

    select * from {{ ref('ind_own_levels_in_force') }}

),

pattern as (

    select
        audience,
        cell_id,
        state in ('shown', 'known') as is_visible,
        reason
    from {{ ref('ind_disclosure_pattern') }}

)

select
    leaving.audience,
    levels.entity_type,
    levels.entity_key,
    levels.municipality_code,
    levels.school_year,
    levels.indicator_id,
    levels.group_id,
    levels.numerator,
    levels.denominator,
    levels.value,
    levels.interval_low,
    levels.interval_high,
    levels.coverage,
    levels.status,
    levels.n_units,
    -- A row is shown whole or not at all. Why it is hidden is not told: a reader who knew which rows are
    -- hidden for the sake of others would know how few the rest are.
    case
        when not coalesce(figures.is_visible and persons.is_visible, false) then 'protected'
    end as suppression,
    -- Without own data the pattern has no row, and no type.
    cast(coalesce(figures.reason, persons.reason) as varchar) as refusal,
    levels.break_in_series,
    levels.is_made_up
from leaving
inner join levels
    on
        leaving.entity_type = levels.entity_type
        and leaving.entity_key = levels.entity_key
        and leaving.school_year = levels.school_year
        and leaving.indicator_id = levels.indicator_id
        and leaving.group_id = levels.group_id
left join pattern as figures
    on
        leaving.audience = figures.audience
        and leaving.figure_cell_id = figures.cell_id
left join pattern as persons
    on
        leaving.audience = persons.audience
        and leaving.persons_cell_id = persons.cell_id
