with unioned as (

    {% for area in [
        'attendance', 'early_support', 'national_tests', 'grades', 'forecasts', 'transitions', 'upper_secondary',
        'competence', 'principals', 'resources', 'composition', 'environment', 'preschool'
    ] -%}
    select * from {{ ref('ind_own_' ~ area) }}
    {{- '\n    union all\n    ' if not loop.last }}
    {%- endfor %}

),

catalogue as (

    select
        indicator_id,
        measure_id,
        unit_of_measure,
        better_is,
        cell_kind
    from {{ ref('ref_indicators') }}

),

breaks as (

    select
        measure_id,
        school_year,
        max(kind) as kind
    from {{ ref('ref_breaks_in_series') }}
    group by measure_id, school_year

),

units as (

    select
        unit_key,
        organiser_kind,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

described as (

    select
        unioned.*,
        units.organiser_kind,
        case unioned.entity_type when 'area' then unioned.entity_key else units.area_key end as area_key,
        catalogue.cell_kind,
        catalogue.better_is,
        case when catalogue.unit_of_measure in ('percent', 'per_100') then 100 else 1 end as scale,
        cast(unioned.numerator as double) as successes,
        cast(unioned.denominator as double) as trials,
        breaks.kind as break_in_series
    from unioned
    inner join catalogue
        on unioned.indicator_id = catalogue.indicator_id
    left join breaks
        on
            catalogue.measure_id = breaks.measure_id
            and unioned.school_year = breaks.school_year
    left join units
        on
            unioned.entity_type = 'unit'
            and unioned.entity_key = units.unit_key

)

select
    entity_type,
    entity_key,
    municipality_code,
    organiser_kind,
    area_key,
    school_year,
    indicator_id,
    group_id,
    persons,
    -- The sensitive outcome of a share that should be high is not to have reached it.
    case
        when cell_kind = 'persons_share' and better_is = 'higher' then cast(denominator - numerator as bigint)
        when cell_kind = 'persons_share' then cast(numerator as bigint)
    end as sensitive_count,
    total,
    numerator,
    denominator,
    scale * successes / nullif(trials, 0) as value,
    coverage,
    case
        when numerator is null or denominator is null then 'missing'
        when denominator = 0 then 'undefined'
        else 'ok'
    end as status,
    n_units,
    case
        when cell_kind = 'persons_share' and denominator > 0
            then scale * {{ wilson_lower('successes', 'trials') }}
    end as interval_low,
    case
        when cell_kind = 'persons_share' and denominator > 0
            then scale * {{ wilson_upper('successes', 'trials') }}
    end as interval_high,
    break_in_series,
    is_made_up
from described
