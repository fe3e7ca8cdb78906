-- Units ranked by need (the share of pupils without a parent with post-secondary education) and cut in four
-- parts of equal numbers of pupils by the pupil-weighted middle of each unit's rank (ridit); ties share their
-- middle.

with unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}

),

units as (

    select
        unit_key,
        municipality_code,
        school_year,
        group_id,
        max(value) filter (where measure_id = 'pupils') as pupils,
        100 - max(value) filter (where measure_id = 'parents_higher_education_share') as need,
        max(value) filter (where measure_id = 'teachers_fte') as teachers_fte,
        max(value) filter (where measure_id = 'certified_teachers_share') as certified_share,
        -- Any of the four figures hidden makes the unit a hidden one.
        count(suppression) > 0 as is_hidden,
        max(break_in_series) filter (where measure_id = 'certified_teachers_share') as break_in_series
    from unit_values
    where
        measure_id in ('pupils', 'parents_higher_education_share', 'teachers_fte', 'certified_teachers_share')
    group by unit_key, municipality_code, school_year, group_id

),

rankable as (

    select
        'municipality' as entity_type,
        municipality_code as entity_key,
        * exclude (municipality_code)
    from units
    where pupils > 0 and need is not null

    union all

    -- Without the hidden ones, a few in a thousand: one or two of them would hide the nation's figure.
    select
        'nation' as entity_type,
        'SE' as entity_key,
        * exclude (municipality_code)
    from units
    where pupils > 0 and need is not null and not is_hidden

),

-- Pupils at units with less need, and at units with the same need.
ranked as (

    select
        *,
        sum(pupils) over (partition by entity_key, school_year, group_id) as all_pupils,
        coalesce(
            sum(pupils) over (
                partition by entity_key, school_year, group_id
                order by need
                range between unbounded preceding and current row
            ), 0
        ) as pupils_up_to,
        sum(pupils) over (partition by entity_key, school_year, group_id, need) as pupils_tied
    from rankable

),

quartered as (

    select
        *,
        -- Cut on integers: the ridit is (pupils below + half of the tied) / all, in quarters.
        least(cast(floor(4 * (2 * pupils_up_to - pupils_tied) / (2 * all_pupils)) as integer) + 1, 4)
            as need_quarter
    from ranked

),

-- One row per unit and staffing measure: what it adds to the numerator and the denominator of its part.
contributions as (

    select
        entity_type,
        entity_key,
        school_year,
        group_id,
        unit_key,
        need_quarter,
        'certified_teachers_share' as measure_id,
        pupils,
        is_hidden,
        break_in_series,
        -- Not divided by a hundred but multiplied: sums of decimals are the same in any order.
        teachers_fte * certified_share * 0.01 as numerator,
        teachers_fte as denominator
    from quartered

    union all

    select
        entity_type,
        entity_key,
        school_year,
        group_id,
        unit_key,
        need_quarter,
        'pupils_per_teacher' as measure_id,
        pupils,
        is_hidden,
        break_in_series,
        pupils as numerator,
        teachers_fte as denominator
    from quartered

)

select
    entity_type,
    entity_key,
    school_year,
    measure_id,
    group_id,
    unit_key,
    need_quarter,
    case when group_id = 'all' then '' else group_id || '__' end || 'need_quarter_' || need_quarter
        as quarter_group_id,
    pupils,
    numerator,
    denominator,
    numerator is not null and denominator > 0 as is_known,
    is_hidden,
    break_in_series
from contributions
