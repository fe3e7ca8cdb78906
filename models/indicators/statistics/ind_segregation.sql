-- Segregation between the units of each municipality, with what chance alone would give: one row per
-- municipality, school year and indicator.

with units as (

    select * from {{ ref('ind_segregation_units') }}

),

corrections as (

    select * from {{ ref('ind_segregation_corrections') }}

),

indicators as (

    select
        indicator_id,
        measure_id,
        method,
        minimum_units
    from {{ ref('ref_indicators') }}
    where method like 'segregation_%'

),

rules as (

    select
        max(threshold) filter (where rule = 'segregation_minimum_pupils') as minimum_pupils,
        max(threshold) filter (where rule = 'segregation_minimum_coverage_percent') as minimum_coverage,
        max(threshold) filter (where rule = 'segregation_minimum_open_coverage_percent')
            as minimum_open_coverage
    from {{ ref('thr_statistics') }}

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

two_groups as (

    {{ two_group_segregation(
        'units', by=['municipality_code', 'school_year', 'measure_id'], focal='focal', total='pupils'
    ) | indent(4) }}

),

chance as (

    {{ random_dissimilarity(
        'units', by=['municipality_code', 'school_year', 'measure_id'], focal='focal', total='pupils'
    ) | indent(4) }}

),

cells as (

    select
        municipality_code,
        school_year,
        measure_id,
        unit_key,
        coalesce(organiser_kind, 'unknown') as organiser_kind,
        coalesce(area_key, 'outside_areas') as area_key,
        'focal' as pupil_group,
        focal as n_pupils
    from units
    where focal is not null

    union all

    select
        municipality_code,
        school_year,
        measure_id,
        unit_key,
        coalesce(organiser_kind, 'unknown') as organiser_kind,
        coalesce(area_key, 'outside_areas') as area_key,
        'others' as pupil_group,
        pupils - focal as n_pupils
    from units
    where focal is not null

),

decomposed as (

    {{ segregation_decomposed(
        'cells', by=['municipality_code', 'school_year', 'measure_id'], super_unit=['organiser_kind'],
        unit='unit_key', group='pupil_group', pupils='n_pupils'
    ) | indent(4) }}

),

-- Units without an area, such as those of independent organisers, are a part of their own: the parts make up
-- the whole.
decomposed_by_area as (

    {{ segregation_decomposed(
        'cells', by=['municipality_code', 'school_year', 'measure_id'], super_unit=['area_key'],
        unit='unit_key', group='pupil_group', pupils='n_pupils'
    ) | indent(4) }}

),

bases as (

    select
        municipality_code,
        school_year,
        measure_id,
        sum(pupils) filter (where focal is not null) / nullif(cast(sum(delivered_pupils) as double), 0)
            as coverage,
        count(*) filter (where is_small and focal is not null and pupils > 0) as n_hidden_units,
        count(distinct organiser_kind) filter (where focal is not null and pupils > 0) as n_organiser_kinds,
        count(distinct coalesce(area_key, 'outside_areas')) filter (where focal is not null and pupils > 0)
            as n_areas,
        max(break_in_series) as break_in_series,
        bool_or(is_made_up) as is_made_up
    from units
    group by municipality_code, school_year, measure_id

),

measured as (

    select
        two_groups.*,
        least(bases.coverage, 1) as pupil_coverage,
        bases.n_hidden_units,
        bases.break_in_series,
        bases.is_made_up,
        chance.dissimilarity_random,
        {{ carrington_troske('two_groups.dissimilarity', 'chance.dissimilarity_random') }}
            as dissimilarity_corrected,
        corrections.value as dissimilarity_bootstrap,
        -- Where there is one kind of organiser there is nothing between kinds.
        case when bases.n_organiser_kinds > 1 then decomposed.theil_h_between end as theil_h_between,
        case when bases.n_organiser_kinds > 1 then decomposed.theil_h_within end as theil_h_within,
        -- Where all units are in one area, or in none, there is nothing between areas.
        case when bases.n_areas > 1 then decomposed_by_area.theil_h_between end as theil_h_between_areas,
        case when bases.n_areas > 1 then decomposed_by_area.theil_h_within end as theil_h_within_areas
    from two_groups
    inner join bases
        on
            two_groups.municipality_code = bases.municipality_code
            and two_groups.school_year = bases.school_year
            and two_groups.measure_id = bases.measure_id
    left join chance
        on
            two_groups.municipality_code = chance.municipality_code
            and two_groups.school_year = chance.school_year
            and two_groups.measure_id = chance.measure_id
    left join corrections
        on
            two_groups.municipality_code = corrections.municipality_code
            and two_groups.school_year = corrections.school_year
            and two_groups.measure_id = corrections.measure_id
    left join decomposed
        on
            two_groups.municipality_code = decomposed.municipality_code
            and two_groups.school_year = decomposed.school_year
            and two_groups.measure_id = decomposed.measure_id
    left join decomposed_by_area
        on
            two_groups.municipality_code = decomposed_by_area.municipality_code
            and two_groups.school_year = decomposed_by_area.school_year
            and two_groups.measure_id = decomposed_by_area.measure_id

),

valued as (

    select
        measured.*,
        indicators.indicator_id,
        indicators.method,
        case indicators.method
            when 'segregation_share' then 100 * measured.focal_share
            when 'segregation_d' then measured.dissimilarity
            when 'segregation_d_random' then measured.dissimilarity_random
            when 'segregation_d_corrected' then measured.dissimilarity_corrected
            when 'segregation_d_bootstrap' then measured.dissimilarity_bootstrap
            when 'segregation_gs' then measured.gorard
            when 'segregation_isolation' then measured.isolation
            when 'segregation_eta2' then measured.eta_squared
            when 'segregation_eta2_excess' then measured.eta_squared_excess
            when 'segregation_h' then measured.theil_h
            when 'segregation_h_between' then measured.theil_h_between
            when 'segregation_h_within' then measured.theil_h_within
            when 'segregation_h_between_areas' then measured.theil_h_between_areas
            when 'segregation_h_within_areas' then measured.theil_h_within_areas
        end as value,
        -- The rules of methods.md 1.4: both groups large enough, units enough, and enough pupils known.
        measured.n_focal >= rules.minimum_pupils
        and measured.n_pupils - measured.n_focal >= rules.minimum_pupils
        and measured.n_units >= indicators.minimum_units
        and 100 * measured.pupil_coverage
        >= case
            when starts_with(indicators.indicator_id, 'own_') then rules.minimum_coverage
            else rules.minimum_open_coverage
        end as is_defined,
        thresholds.minimum_pupils,
        thresholds.minimum_hidden_units
    from measured
    inner join indicators
        on measured.measure_id = indicators.measure_id
    cross join rules
    inner join thresholds
        on thresholds.entity_type = 'municipality'

)

select
    'municipality' as entity_type,
    municipality_code as entity_key,
    municipality_code,
    school_year,
    indicator_id,
    'all' as group_id,
    case
        when is_defined and method = 'segregation_share' then cast(n_focal as decimal(18, 4))
    end as numerator,
    case
        when is_defined and method = 'segregation_share' then cast(n_pupils as decimal(18, 4))
    end as denominator,
    case when is_defined then value end as value,
    pupil_coverage as coverage,
    case when is_defined and value is not null then 'ok' else 'undefined' end as status,
    n_units,
    n_hidden_units,
    {{ hidden_units_suppression('n_hidden_units', 'n_pupils', 'minimum_pupils') }} as suppression,
    cast(null as double) as interval_low,
    cast(null as double) as interval_high,
    cast(null as varchar) as verdict,
    break_in_series,
    is_made_up
from valued
