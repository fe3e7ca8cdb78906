-- Do the best qualified teachers work where need is greatest? Units are ranked by need (the share of
-- pupils without a parent with post-secondary education) and cut in four parts of equal numbers of pupils
-- by the pupil-weighted middle of each unit's rank (ridit); ties share their middle. Each part's value is
-- its pooled numerator over its pooled denominator, never a mean of unit shares.

with unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method in ('need_quarter', 'need_gap')

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

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
        need_quarter,
        'pupils_per_teacher' as measure_id,
        pupils,
        is_hidden,
        break_in_series,
        pupils as numerator,
        teachers_fte as denominator
    from quartered

),

known as (

    select
        *,
        numerator is not null and denominator > 0 as is_known
    from contributions

),

quarters as (

    select
        entity_type,
        entity_key,
        school_year,
        group_id,
        measure_id,
        need_quarter,
        sum(numerator) filter (where is_known) as numerator,
        sum(denominator) filter (where is_known) as denominator,
        sum(pupils) filter (where is_known) as pupils_known,
        sum(pupils) as pupils_all,
        count(*) filter (where is_known) as n_units,
        count(*) filter (where is_known and is_hidden) as n_hidden_units,
        max(break_in_series) as break_in_series,
        sum(count(*) filter (where is_known)) over (
            partition by entity_key, school_year, group_id, measure_id
        ) as n_units_all
    from known
    group by entity_type, entity_key, school_year, group_id, measure_id, need_quarter

),

valued as (

    select
        *,
        case measure_id when 'certified_teachers_share' then 100.0 else 1.0 end
        * cast(numerator as double) / nullif(cast(denominator as double), 0) as value
    from quarters

),

quarter_rows as (

    select
        valued.entity_type,
        valued.entity_key,
        valued.school_year,
        valued.measure_id,
        indicators.indicator_id,
        case
            when valued.group_id = 'all' then 'need_quarter_' || valued.need_quarter
            else valued.group_id || '__need_quarter_' || valued.need_quarter
        end as group_id,
        cast(valued.numerator as decimal(18, 4)) as numerator,
        cast(valued.denominator as decimal(18, 4)) as denominator,
        case when valued.n_units_all >= indicators.minimum_units then valued.value end as value,
        cast(coalesce(valued.pupils_known, 0) as double) / nullif(cast(valued.pupils_all as double), 0)
            as coverage,
        case
            when valued.n_units_all < indicators.minimum_units then 'undefined'
            when valued.value is null then 'suppressed_at_source'
            else 'ok'
        end as status,
        valued.n_units,
        valued.n_hidden_units,
        valued.break_in_series
    from valued
    inner join indicators
        on
            valued.measure_id = indicators.measure_id
            and indicators.method = 'need_quarter'

),

gap_rows as (

    select
        most.entity_type,
        most.entity_key,
        most.school_year,
        most.measure_id,
        indicators.indicator_id,
        most.group_id,
        cast(null as decimal(18, 4)) as numerator,
        cast(least(most.denominator, least_need.denominator) as decimal(18, 4)) as denominator,
        case
            when most.n_units_all >= indicators.minimum_units then most.value - least_need.value
        end as value,
        cast(coalesce(most.pupils_known, 0) + coalesce(least_need.pupils_known, 0) as double)
        / nullif(cast(most.pupils_all + least_need.pupils_all as double), 0) as coverage,
        case
            when most.n_units_all < indicators.minimum_units then 'undefined'
            when most.value is null or least_need.value is null then 'suppressed_at_source'
            else 'ok'
        end as status,
        most.n_units + least_need.n_units as n_units,
        least(nullif(most.n_hidden_units, 0), nullif(least_need.n_hidden_units, 0)) as n_hidden_units,
        most.break_in_series
    from valued as most
    inner join valued as least_need
        on
            most.entity_key = least_need.entity_key
            and most.school_year = least_need.school_year
            and most.group_id = least_need.group_id
            and most.measure_id = least_need.measure_id
    inner join indicators
        on
            most.measure_id = indicators.measure_id
            and indicators.method = 'need_gap'
    where most.need_quarter = 4 and least_need.need_quarter = 1

),

all_rows as (

    select * from quarter_rows
    union all
    select * from gap_rows

)

select
    all_rows.entity_type,
    all_rows.entity_key,
    all_rows.school_year,
    all_rows.indicator_id,
    all_rows.group_id,
    all_rows.numerator,
    all_rows.denominator,
    all_rows.value,
    all_rows.coverage,
    all_rows.status,
    all_rows.n_units,
    {{ hidden_units_suppression('all_rows.n_hidden_units', 'all_rows.denominator', 'minimum_teachers') }}
        as suppression,
    all_rows.break_in_series
from all_rows
inner join thresholds
    on all_rows.entity_type = thresholds.entity_type
