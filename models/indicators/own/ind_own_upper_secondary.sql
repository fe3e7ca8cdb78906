-- The school year is the one in which the years ran out: pupils who started in 2021 are judged after three
-- years in 2023/24. A cohort that has not had its years has no row.

with outcomes as (

    select * from {{ ref('fct_upper_secondary_outcome') }}

),

-- Whether a cohort has had its years, as the mart of throughput says it.
cohorts as (

    select
        start_year,
        within_years
    from {{ ref('fct_unit_upper_secondary') }}
    where programme_kind = 'all' and status = 'ok'
    group by start_year, within_years

),

-- Many started before the first year of which the register tells: their background is what is known last.
pupils as (

    select
        person_key,
        arg_max(sex, school_year) as sex,
        arg_max(parents_education, school_year) as parents_education,
        arg_max(foreign_background, school_year) as foreign_background,
        arg_max(newly_arrived, school_year) as newly_arrived
    from {{ ref('dim_pupil_year') }}
    group by person_key

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

grouped as (

    select
        units.municipality_code,
        units.area_key,
        outcomes.unit_key,
        {{ school_year_from_autumn('outcomes.start_year + cohorts.within_years - 1') }} as school_year,
        outcomes.programme_kind,
        cohorts.within_years,
        coalesce(outcomes.years_to_outcome <= cohorts.within_years, false) as is_within,
        outcomes.outcome,
        {{ pupil_group_ids('pupils') }} as group_id,
        outcomes.is_made_up
    from outcomes
    inner join cohorts
        on outcomes.start_year = cohorts.start_year
    inner join units
        on outcomes.unit_key = units.unit_key
    left join pupils
        on outcomes.person_key = pupils.person_key

)

{% for indicator, outcomes, among in [
    ('own_diploma_within_3_years', "('examen')", 'within_years = 3'),
    ('own_diploma_within_4_years', "('examen')", 'within_years = 4'),
    ('own_diploma_within_5_years', "('examen')", 'within_years = 5'),
    (
        'own_diploma_within_3_years_vocational', "('examen')",
        "within_years = 3 and programme_kind = 'yrkes'"
    ),
    (
        'own_diploma_within_3_years_preparatory', "('examen')",
        "within_years = 3 and programme_kind = 'hogskoleforberedande'"
    ),
    ('own_completed_within_3_years', "('examen', 'studiebevis')", 'within_years = 3'),
    ('own_discontinued_within_3_years', "('avbrott')", 'within_years = 3')
] -%}
select
    {{ entity_columns('grouped') }},
    grouped.school_year,
    '{{ indicator }}_share__level' as indicator_id,
    grouped.group_id,
    count(*) as persons,
    cast(null as bigint) as total,
    cast(
        count(*) filter (where grouped.is_within and grouped.outcome in {{ outcomes }}) as decimal(18, 4)
    ) as numerator,
    cast(count(*) as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(distinct grouped.unit_key) as n_units,
    bool_or(grouped.is_made_up) as is_made_up
from grouped
where {{ among }}
{{ unit_and_above('grouped', ['school_year', 'group_id']) }}
{{- '\n\nunion all\n\n' if not loop.last }}
{% endfor -%}
