-- How many of those who started got a diploma within three, four and five years: one row per unit, year of
-- start, kind of programme, programme and number of years, with `all` rows. Null for a cohort that has not
-- had the years yet. The denominator is everyone who started.

with pupils as (

    select
        *,
        outcome in ('examen', 'studiebevis') as is_completed
    from {{ ref('int_outcomes__upper_secondary') }}

),

steps as (

    select cast(unnest([3, 4, 5]) as integer) as within_years

),

cohorts as (

    select
        pupils.unit_key,
        pupils.start_year,
        coalesce(pupils.programme_kind, 'all') as programme_kind,
        coalesce(pupils.programme_code, 'all') as programme_code,
        steps.within_years,
        count(*) as n_started,
        count(*) filter (
            where pupils.outcome = 'examen' and pupils.years_to_outcome <= steps.within_years
        ) as n_diploma,
        count(*) filter (
            where pupils.is_completed and pupils.years_to_outcome <= steps.within_years
        ) as n_completed,
        count(*) filter (
            where pupils.outcome = 'avbrott' and pupils.years_to_outcome <= steps.within_years
        ) as n_left,
        -- Diplomas are given in June.
        max(pupils.latest_outcome_on) >= make_date(pupils.start_year + steps.within_years, 6, 1) as is_judged
    from pupils
    cross join steps
    group by grouping sets (
        (
            pupils.unit_key,
            pupils.start_year,
            steps.within_years,
            pupils.programme_kind,
            pupils.programme_code
        ),
        (pupils.unit_key, pupils.start_year, steps.within_years, pupils.programme_kind),
        (pupils.unit_key, pupils.start_year, steps.within_years)
    )

)

select
    unit_key,
    start_year,
    programme_kind,
    programme_code,
    within_years,
    n_started,
    case when is_judged then n_diploma end as n_diploma,
    case when is_judged then n_completed end as n_completed,
    case when is_judged then n_left end as n_left,
    coalesce(is_judged, false) as is_judged
from cohorts
