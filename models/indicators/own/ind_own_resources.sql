-- The year of the accounts is the calendar year in which the school year starts. Money is per pupil: the mean
-- of the two Octobers of the calendar year.

with ledger as (

    select
        resources.*,
        {{ school_year_from_autumn('resources.calendar_year') }} as school_year,
        units.municipality_code,
        units.area_key
    from {{ ref('fct_unit_resources') }} as resources
    inner join {{ ref('dim_unit') }} as units
        on
            resources.unit_key = units.unit_key
            and units.is_current

),

compensation as (

    select
        structural.*,
        units.municipality_code,
        units.area_key
    from {{ ref('fct_structural_compensation') }} as structural
    inner join {{ ref('dim_unit') }} as units
        on
            structural.unit_key = units.unit_key
            and units.is_current

),

-- One row per unit and year. A component that the accounts do not name is money the unit did not get; `all`
-- is the sum of those named.
by_unit as (

    select
        municipality_code,
        area_key,
        unit_key,
        school_year,
        -- Twice the mean number of pupils is a whole number. Null where an October is not known.
        max(n_pupils_before + n_pupils_during) filter (where component = 'all' and kind = 'utfall')
            as twice_pupils,
        max(amount_kronor) filter (where component = 'all' and kind = 'utfall') as total_kronor,
        max(amount_kronor) filter (where component = 'all' and kind = 'budget') as budget_kronor,
        {%- for component in [
            'grundbelopp', 'strukturersattning', 'tillaggsbelopp', 'nyanlanda', 'lokaler'
        ] %}
        coalesce(max(amount_kronor) filter (where component = '{{ component }}' and kind = 'utfall'), 0)
            as {{ component }}_kronor,
        {%- endfor %}
        bool_or(is_made_up) as is_made_up
    from ledger
    group by municipality_code, area_key, unit_key, school_year

),

accounts as (

    select * from by_unit
    where total_kronor is not null

),

with_pupils as (

    select * from accounts
    where twice_pupils > 0

),

pupil_coverage as (

    select
        {{ entity_columns('accounts') }},
        accounts.school_year,
        cast(sum(accounts.total_kronor) filter (where accounts.twice_pupils > 0) as double)
        / nullif(sum(accounts.total_kronor), 0) as coverage
    from accounts
    {{ unit_and_above('accounts', ['school_year']) }}

),


components as (

    select
        municipality_code,
        area_key,
        unit_key,
        school_year,
        indicator || '__level' as indicator_id,
        kronor,
        twice_pupils,
        is_made_up
    from with_pupils
    unpivot (kronor for indicator in (
        total_kronor as own_kronor_per_pupil,
        grundbelopp_kronor as own_basic_amount_per_pupil,
        strukturersattning_kronor as own_structural_per_pupil,
        tillaggsbelopp_kronor as own_additional_amount_per_pupil,
        nyanlanda_kronor as own_newly_arrived_per_pupil,
        lokaler_kronor as own_premises_per_pupil
    ))

),

per_pupil as (

    select
        {{ entity_columns('components') }},
        components.school_year,
        components.indicator_id,
        cast(sum(components.twice_pupils) as bigint) // 2 as persons,
        cast(sum(components.kronor) as bigint) as total,
        cast(sum(components.twice_pupils) as decimal(18, 4)) / 2 as denominator,
        count(*) as n_units,
        bool_or(components.is_made_up) as is_made_up
    from components
    {{ unit_and_above('components', ['school_year', 'indicator_id']) }}

),

parts as (

    select
        {{ entity_columns('accounts') }},
        accounts.school_year,
        'own_structural_share__level' as indicator_id,
        cast(coalesce(sum(accounts.twice_pupils), 0) as bigint) // 2 as persons,
        cast(sum(accounts.strukturersattning_kronor) as bigint) as total,
        sum(accounts.total_kronor) as denominator,
        count(*) as n_units,
        bool_or(accounts.is_made_up) as is_made_up
    from accounts
    {{ unit_and_above('accounts', ['school_year']) }}

    union all

    select
        {{ entity_columns('accounts') }},
        accounts.school_year,
        'own_outcome_of_budget__level' as indicator_id,
        cast(coalesce(sum(accounts.twice_pupils), 0) as bigint) // 2 as persons,
        cast(sum(accounts.total_kronor) as bigint) as total,
        sum(accounts.budget_kronor) as denominator,
        count(*) as n_units,
        bool_or(accounts.is_made_up) as is_made_up
    from accounts
    where accounts.budget_kronor is not null
    {{ unit_and_above('accounts', ['school_year']) }}

    union all

    select
        {{ entity_columns('compensation') }},
        compensation.school_year,
        'own_structural_paid_of_calculated__level' as indicator_id,
        cast(sum(compensation.n_pupils) as bigint) as persons,
        cast(sum(compensation.paid_kronor) as bigint) as total,
        sum(compensation.calculated_kronor) as denominator,
        count(*) as n_units,
        bool_or(compensation.is_made_up) as is_made_up
    from compensation
    where
        compensation.school_form = 'all'
        and compensation.paid_kind = 'utfall'
        and compensation.calculated_kronor is not null
    {{ unit_and_above('compensation', ['school_year']) }}

    union all

    -- What units with more need than the mean get above an equal share, of the whole pool.
    select
        'municipality' as entity_type,
        municipality_code as entity_key,
        municipality_code,
        school_year,
        'own_structural_redistributed__level' as indicator_id,
        cast(sum(n_pupils) as bigint) as persons,
        cast(coalesce(sum(greatest(redistribution_kronor, 0)), 0) as bigint) as total,
        sum(calculated_kronor) as denominator,
        count(distinct unit_key) as n_units,
        bool_or(is_made_up) as is_made_up
    from compensation
    where school_form <> 'all' and calculated_kronor is not null
    group by municipality_code, school_year

)

select
    per_pupil.entity_type,
    per_pupil.entity_key,
    per_pupil.municipality_code,
    per_pupil.school_year,
    per_pupil.indicator_id,
    'all' as group_id,
    per_pupil.persons,
    per_pupil.total,
    cast(per_pupil.total as decimal(18, 4)) as numerator,
    cast(per_pupil.denominator as decimal(18, 4)) as denominator,
    pupil_coverage.coverage,
    per_pupil.n_units,
    per_pupil.is_made_up
from per_pupil
inner join pupil_coverage
    on
        per_pupil.entity_type = pupil_coverage.entity_type
        and per_pupil.entity_key = pupil_coverage.entity_key
        and per_pupil.school_year = pupil_coverage.school_year

union all

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    indicator_id,
    'all' as group_id,
    persons,
    total,
    cast(total as decimal(18, 4)) as numerator,
    cast(denominator as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    n_units,
    is_made_up
from parts
