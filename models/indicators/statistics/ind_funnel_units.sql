-- Successes of trials per unit, for a funnel: one row per set, unit, school year and measure. Own units are
-- compared with each other; units in open data with the nation, as the agency reports it.
--
-- In open data a unit where one to four pupils did not reach the level has no share and stands outside.

with final_grades as (

    select * from {{ ref('fct_unit_final_grades') }}
    where dimension = 'all' and measure_id in ('eligible_vocational_y9', 'passed_all_subjects_y9')

),

tests as (

    select * from {{ ref('fct_unit_national_test') }}
    where year_group in (6, 9) and subject_code in ('MA', 'SV', 'SVA')

),

attendance as (

    select * from {{ ref('fct_unit_attendance_year') }}

),

unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}
    where group_id = 'all' and measure_id in ('eligible_vocational_y9', 'passed_all_subjects_y9')

),

nation as (

    select
        indicators.measure_id,
        levels.school_year,
        levels.value / 100 as reference
    from {{ ref('ind_levels') }} as levels
    inner join {{ ref('ref_indicators') }} as indicators
        on levels.indicator_id = indicators.indicator_id
    where levels.entity_type = 'nation' and levels.group_id = 'all'

),

units as (

    select
        unit_key,
        municipality_code,
        ',' || school_forms || ',' as school_forms
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

own_counts as (

    select
        unit_key,
        school_year,
        'own_' || measure_id as measure_id,
        cast(numerator as bigint) as successes,
        cast(denominator as bigint) as trials,
        is_made_up
    from final_grades

    union all

    select
        unit_key,
        school_year,
        'own_test_passed_' || case subject_code when 'MA' then 'maths' else 'swedish' end
        || '_y' || year_group as measure_id,
        cast(sum(numerator) as bigint) as successes,
        cast(sum(denominator) as bigint) as trials,
        bool_or(is_made_up) as is_made_up
    from tests
    group by unit_key, school_year, case subject_code when 'MA' then 'maths' else 'swedish' end, year_group

    union all

    -- Older pupils are away more: upper secondary schools are compared with each other.
    select
        attendance.unit_key,
        attendance.school_year,
        case
            when units.school_forms like '%,gr,%' then 'own_present_85_gr' else 'own_present_85_gy'
        end as measure_id,
        attendance.n_judged - attendance.n_absent_15 as successes,
        attendance.n_judged as trials,
        attendance.is_made_up
    from attendance
    inner join units
        on attendance.unit_key = units.unit_key
    where units.school_forms like '%,gr,%' or units.school_forms like '%,gy,%'

)

select
    'municipality' as set_type,
    units.municipality_code as set_key,
    units.municipality_code,
    own_counts.unit_key,
    own_counts.school_year,
    own_counts.measure_id,
    own_counts.successes,
    own_counts.trials,
    cast(null as double) as reference,
    case
        when own_counts.trials < thresholds.minimum_pupils then 'too_few'
        when own_counts.trials - own_counts.successes between 1 and thresholds.maximum_not_reached
            then 'rounded_100'
    end as suppression,
    cast(null as varchar) as break_in_series,
    own_counts.is_made_up
from own_counts
inner join units
    on own_counts.unit_key = units.unit_key
inner join thresholds
    on thresholds.entity_type = 'unit'
where own_counts.trials > 0

union all

select
    'nation' as set_type,
    'SE' as set_key,
    unit_values.municipality_code,
    unit_values.unit_key,
    unit_values.school_year,
    unit_values.measure_id,
    cast(round(unit_values.base_count * unit_values.value / 100) as bigint) as successes,
    cast(unit_values.base_count as bigint) as trials,
    nation.reference,
    unit_values.suppression,
    unit_values.break_in_series,
    false as is_made_up
from unit_values
inner join nation
    on
        unit_values.measure_id = nation.measure_id
        and unit_values.school_year = nation.school_year
where unit_values.base_count > 0 and unit_values.value is not null and nation.reference is not null
