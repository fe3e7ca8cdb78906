with levels as (

    select
        ind_levels.*,
        indicators.measure_id,
        coalesce(groups.sex, 'all') as sex,
        coalesce(groups.organiser_kind, 'all') as organiser_kind
    from {{ ref('ind_levels') }} as ind_levels
    inner join {{ ref('ref_indicators') }} as indicators
        on ind_levels.indicator_id = indicators.indicator_id
    inner join {{ ref('dim_group') }} as groups
        on ind_levels.group_id = groups.group_id

),

indicators as (

    select
        indicator_id,
        measure_id,
        method
    from {{ ref('ref_indicators') }}
    where method in ('gap_sex', 'gap_organiser')

),

-- Girls minus boys, within each kind of organiser and for all.
sex_pairs as (

    select
        girls.entity_type,
        girls.entity_key,
        girls.school_year,
        girls.measure_id,
        'gap_sex' as method,
        case
            when girls.organiser_kind = 'all' then 'all'
            else 'organiser_' || girls.organiser_kind
        end as group_id,
        girls.value as first_value,
        boys.value as second_value,
        girls.status as first_status,
        boys.status as second_status,
        least(girls.denominator, boys.denominator) as smaller_base,
        least(girls.coverage, boys.coverage) as coverage,
        coalesce(girls.suppression, boys.suppression) as suppression,
        girls.break_in_series
    from levels as girls
    inner join levels as boys
        on
            girls.entity_type = boys.entity_type
            and girls.entity_key = boys.entity_key
            and girls.school_year = boys.school_year
            and girls.measure_id = boys.measure_id
            and girls.organiser_kind = boys.organiser_kind
    where girls.sex = 'girls' and boys.sex = 'boys'

),

-- Municipal minus independent organisers, both sexes together.
organiser_pairs as (

    select
        municipal.entity_type,
        municipal.entity_key,
        municipal.school_year,
        municipal.measure_id,
        'gap_organiser' as method,
        'all' as group_id,
        municipal.value as first_value,
        independent.value as second_value,
        municipal.status as first_status,
        independent.status as second_status,
        least(municipal.denominator, independent.denominator) as smaller_base,
        least(municipal.coverage, independent.coverage) as coverage,
        coalesce(municipal.suppression, independent.suppression) as suppression,
        municipal.break_in_series
    from levels as municipal
    inner join levels as independent
        on
            municipal.entity_type = independent.entity_type
            and municipal.entity_key = independent.entity_key
            and municipal.school_year = independent.school_year
            and municipal.measure_id = independent.measure_id
    where municipal.group_id = 'organiser_municipal' and independent.group_id = 'organiser_independent'

),

pairs as (

    select * from sex_pairs
    union all
    select * from organiser_pairs

)

select
    pairs.entity_type,
    pairs.entity_key,
    pairs.school_year,
    indicators.indicator_id,
    pairs.group_id,
    cast(null as decimal(18, 4)) as numerator,
    -- A gap rests on the smaller of the two groups.
    pairs.smaller_base as denominator,
    pairs.first_value - pairs.second_value as value,
    pairs.coverage,
    case
        when pairs.first_value is not null and pairs.second_value is not null then 'ok'
        when 'suppressed_at_source' in (pairs.first_status, pairs.second_status) then 'suppressed_at_source'
        else 'missing'
    end as status,
    cast(null as bigint) as n_units,
    pairs.suppression,
    pairs.break_in_series
from pairs
inner join indicators
    on
        pairs.measure_id = indicators.measure_id
        and pairs.method = indicators.method
