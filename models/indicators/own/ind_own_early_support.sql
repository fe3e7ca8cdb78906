with assessments as (

    select
        *,
        assessment || '_' || area as material
    from {{ ref('fct_early_assessment') }}

),

october as (

    select
        *,
        case
            when school_form = 'fsk' then 'kartlaggning_forskoleklass'
            else 'bedomningsstod_ak1'
        end as assessment
    from {{ ref('fct_pupil_october') }}
    where school_form = 'fsk' or (school_form = 'gr' and year_group = 1)

),

pupils as (

    select * from {{ ref('dim_pupil_year') }}

),

expected as (

    select
        *,
        case
            when school_form = 'fsk' then 'kartlaggning_forskoleklass'
            else 'bedomningsstod_ak1'
        end as assessment
    from {{ ref('ind_own_pupils') }}
    where school_form = 'fsk' or (school_form = 'gr' and year_group = 1)

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

-- Not delivered is not the same as nobody assessed: only units that have assessed somebody.
delivered as (

    select
        unit_key,
        school_year,
        assessment,
        material
    from assessments
    group by unit_key, school_year, assessment, material

),

assessed as (

    select
        units.municipality_code,
        units.area_key,
        assessments.unit_key,
        assessments.school_year,
        assessments.assessment,
        assessments.material,
        assessments.outcome,
        {{ pupil_group_ids('pupils') }} as group_id,
        assessments.is_made_up
    from assessments
    inner join units
        on assessments.unit_key = units.unit_key
    left join pupils
        on
            assessments.person_key = pupils.person_key
            and assessments.school_year = pupils.school_year

),

outcomes as (

    select
        {{ entity_columns('assessed') }},
        assessed.school_year,
        assessed.assessment,
        assessed.material,
        assessed.group_id,
        count(*) as n_assessed,
        count(*) filter (where assessed.outcome in ('risk', 'stodinsats')) as n_in_need,
        count(*) filter (where assessed.outcome = 'stodinsats') as n_supported,
        count(distinct assessed.unit_key) as n_units,
        bool_or(assessed.is_made_up) as is_made_up
    from assessed
    {{ unit_and_above('assessed', ['school_year', 'assessment', 'material', 'group_id']) }}

),

of_october as (

    select
        units.municipality_code,
        units.area_key,
        october.unit_key,
        october.school_year,
        october.assessment,
        delivered.material,
        assessments.person_key is not null as is_assessed,
        {{ pupil_group_ids('october') }} as group_id,
        october.is_made_up
    from october
    inner join delivered
        on
            october.unit_key = delivered.unit_key
            and october.school_year = delivered.school_year
            and october.assessment = delivered.assessment
    inner join units
        on october.unit_key = units.unit_key
    left join assessments
        on
            october.person_key = assessments.person_key
            and october.school_year = assessments.school_year
            and delivered.material = assessments.material

),

takers as (

    select
        {{ entity_columns('of_october') }},
        of_october.school_year,
        of_october.assessment,
        of_october.material,
        of_october.group_id,
        count(*) as n_pupils,
        count(*) filter (where of_october.is_assessed) as n_assessed,
        count(distinct of_october.unit_key) as n_units,
        bool_or(of_october.is_made_up) as is_made_up
    from of_october
    {{ unit_and_above('of_october', ['school_year', 'assessment', 'material', 'group_id']) }}

),

figures as (

    select
        outcomes.entity_type,
        outcomes.entity_key,
        outcomes.municipality_code,
        outcomes.school_year,
        outcomes.assessment,
        outcomes.material,
        'need' as what,
        outcomes.group_id,
        outcomes.n_assessed as persons,
        outcomes.n_in_need as n_outcome,
        outcomes.n_units,
        outcomes.is_made_up
    from outcomes

    union all

    select
        outcomes.entity_type,
        outcomes.entity_key,
        outcomes.municipality_code,
        outcomes.school_year,
        outcomes.assessment,
        outcomes.material,
        'support' as what,
        outcomes.group_id,
        outcomes.n_assessed as persons,
        outcomes.n_supported as n_outcome,
        outcomes.n_units,
        outcomes.is_made_up
    from outcomes

    union all

    select
        takers.entity_type,
        takers.entity_key,
        takers.municipality_code,
        takers.school_year,
        takers.assessment,
        takers.material,
        'assessed' as what,
        takers.group_id,
        takers.n_pupils as persons,
        takers.n_assessed as n_outcome,
        takers.n_units,
        takers.is_made_up
    from takers

)

select
    figures.entity_type,
    figures.entity_key,
    figures.municipality_code,
    figures.school_year,
    case figures.material
        when 'kartlaggning_forskoleklass_sprak' then 'own_language_f_'
        when 'kartlaggning_forskoleklass_matematik' then 'own_maths_f_'
        when 'bedomningsstod_ak1_sprak' then 'own_swedish_y1_'
        when 'bedomningsstod_ak1_matematik' then 'own_maths_y1_'
    end || figures.what || '_share__level' as indicator_id,
    figures.group_id,
    figures.persons,
    cast(null as bigint) as total,
    cast(figures.n_outcome as decimal(18, 4)) as numerator,
    cast(figures.persons as decimal(18, 4)) as denominator,
    least(cast(figures.persons as double) / nullif(expected.n_pupils, 0), 1) as coverage,
    figures.n_units,
    figures.is_made_up
from figures
left join expected
    on
        figures.entity_type = expected.entity_type
        and figures.entity_key = expected.entity_key
        and figures.school_year = expected.school_year
        and figures.assessment = expected.assessment
        and figures.group_id = expected.group_id
