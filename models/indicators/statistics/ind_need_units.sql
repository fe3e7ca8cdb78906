-- Each unit's need beside what it gets: one row per unit, school year and measure. Units are compared within
-- one school form: the index of one form does not say what that of another says.
--
-- Need is the socio-economic index of own data, and in open data the share of pupils without a parent with
-- post-secondary education. The outcome is numerator / denominator; more is always more teachers or money.

with structural as (

    select * from {{ ref('fct_structural_compensation') }}

),

competence as (

    select * from {{ ref('fct_unit_staff_competence') }}
    where
        subject_code = 'all'
        and stage = 'all'
        and measure_id in (
            'certified_fte_share', 'qualified_any_fte_share', 'experienced_fte_share', 'pupils_per_teacher'
        )

),

resources as (

    select * from {{ ref('fct_unit_resources') }}
    where kind = 'utfall' and component = 'all'

),

unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}
    where
        group_id = 'all'
        and measure_id in (
            'pupils', 'parents_higher_education_share', 'teachers_fte', 'certified_teachers_share'
        )

),

units as (

    select
        unit_key,
        municipality_code
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

unit_thresholds as (

    select
        minimum_pupils,
        minimum_teachers
    from thresholds
    where entity_type = 'unit'

),

pupils as (

    select
        unit_key,
        school_year,
        n_pupils
    from structural
    where school_form = 'all'

),

-- Costs of a calendar year belong to the school year that begins in it.
outcomes as (

    select
        unit_key,
        school_year,
        measure_id,
        cast(numerator as double) as numerator,
        cast(denominator as double) as denominator,
        true as is_of_teachers
    from competence
    where measure_id <> 'pupils_per_teacher'

    union all

    select
        unit_key,
        school_year,
        'teachers_per_100_pupils' as measure_id,
        100 * cast(denominator as double) as numerator,
        cast(numerator as double) as denominator,
        true as is_of_teachers
    from competence
    where measure_id = 'pupils_per_teacher'

    union all

    select
        unit_key,
        {{ school_year_from_autumn('calendar_year') }} as school_year,
        'kronor_per_pupil' as measure_id,
        cast(amount_kronor as double) as numerator,
        cast(n_pupils_during as double) as denominator,
        false as is_of_teachers
    from resources

),

own_units as (

    select
        structural.unit_key,
        structural.school_year,
        'own_need_' || outcomes.measure_id || '_' || structural.school_form as measure_id,
        cast(structural.index_value as double) as need,
        pupils.n_pupils,
        outcomes.numerator,
        outcomes.denominator,
        outcomes.is_of_teachers,
        case
            when outcomes.measure_id = 'teachers_per_100_pupils' then outcomes.numerator / 100
            when outcomes.is_of_teachers then outcomes.denominator
            else pupils.n_pupils
        end as base,
        structural.is_made_up
    from structural
    inner join pupils
        on
            structural.unit_key = pupils.unit_key
            and structural.school_year = pupils.school_year
    inner join outcomes
        on
            structural.unit_key = outcomes.unit_key
            and structural.school_year = outcomes.school_year
    where structural.school_form in ('fs', 'gr')

    union all

    select
        unit_key,
        school_year,
        'own_need_structural_kronor_' || school_form as measure_id,
        cast(index_value as double) as need,
        n_pupils,
        cast(calculated_kronor as double) as numerator,
        cast(n_pupils as double) as denominator,
        false as is_of_teachers,
        n_pupils as base,
        is_made_up
    from structural
    where school_form in ('fs', 'gr') and calculated_kronor is not null

),

open_wide as (

    select
        unit_key,
        municipality_code,
        school_year,
        max(value) filter (where measure_id = 'pupils') as n_pupils,
        100 - max(value) filter (where measure_id = 'parents_higher_education_share') as need,
        max(value) filter (where measure_id = 'teachers_fte') as teachers_fte,
        max(value) filter (where measure_id = 'certified_teachers_share') as certified_share,
        count(suppression) > 0 as is_small,
        max(break_in_series) filter (where measure_id = 'certified_teachers_share') as break_in_series
    from unit_values
    group by unit_key, municipality_code, school_year

),

open_units as (

    select
        municipality_code,
        unit_key,
        school_year,
        'need_certified_teachers_share' as measure_id,
        cast(need as double) as need,
        n_pupils,
        cast(teachers_fte * certified_share / 100 as double) as numerator,
        cast(teachers_fte as double) as denominator,
        true as is_of_teachers,
        teachers_fte as base,
        is_small,
        break_in_series
    from open_wide

    union all

    select
        municipality_code,
        unit_key,
        school_year,
        'need_teachers_per_100_pupils' as measure_id,
        cast(need as double) as need,
        n_pupils,
        100 * cast(teachers_fte as double) as numerator,
        cast(n_pupils as double) as denominator,
        true as is_of_teachers,
        teachers_fte as base,
        is_small,
        break_in_series
    from open_wide

),

unioned as (

    select
        units.municipality_code,
        own_units.unit_key,
        own_units.school_year,
        own_units.measure_id,
        own_units.need,
        cast(own_units.n_pupils as double) as n_pupils,
        own_units.numerator,
        own_units.denominator,
        own_units.is_of_teachers,
        cast(own_units.base as double) as base,
        case
            when own_units.is_of_teachers then own_units.base < unit_thresholds.minimum_teachers
            else own_units.base < unit_thresholds.minimum_pupils
        end as is_small,
        cast(null as varchar) as break_in_series,
        own_units.is_made_up
    from own_units
    inner join units
        on own_units.unit_key = units.unit_key
    cross join unit_thresholds

    union all

    select
        municipality_code,
        unit_key,
        school_year,
        measure_id,
        need,
        cast(n_pupils as double) as n_pupils,
        numerator,
        denominator,
        is_of_teachers,
        cast(base as double) as base,
        is_small,
        break_in_series,
        false as is_made_up
    from open_units

)

select
    municipality_code,
    unit_key,
    school_year,
    measure_id,
    need,
    n_pupils,
    numerator,
    denominator,
    numerator / nullif(denominator, 0) as outcome,
    is_of_teachers,
    base,
    is_small,
    break_in_series,
    is_made_up
from unioned
where n_pupils > 0
