-- The municipality's own survey. Single answers are never delivered: the index comes per group, and the
-- municipality's index is the units' weighted by their answers.

with survey as (

    select
        local_survey.*,
        units.municipality_code,
        units.area_key,
        case local_survey.respondent
            when 'elever' then 'pupils_y' || local_survey.year_group
            when 'vardnadshavare' then 'guardians'
            when 'personal' then 'staff'
        end as who,
        case local_survey.question_area
            when 'trygghet' then 'safety'
            when 'studiero' then 'study_calm'
            when 'stimulans' then 'stimulation'
            when 'stod' then 'support'
        end as what
    from {{ ref('fct_unit_local_survey') }} as local_survey
    inner join {{ ref('dim_unit') }} as units
        on
            local_survey.unit_key = units.unit_key
            and units.is_current

),

indices as (

    select
        {{ entity_columns('survey') }},
        survey.school_year,
        survey.who,
        survey.what,
        cast(coalesce(sum(survey.n_answers) filter (where survey.value is not null), 0) as bigint) as persons,
        cast(sum(survey.n_answers) as bigint) as n_answers,
        sum(survey.value * survey.n_answers) as index_sum,
        count(survey.value) as n_units,
        bool_or(survey.is_made_up) as is_made_up
    from survey
    where survey.who is not null and survey.what is not null
    {{ unit_and_above('survey', ['school_year', 'who', 'what']) }}

),

-- Everybody who answers is asked all areas: the area with most answers tells how many answered.
answered as (

    select
        municipality_code,
        area_key,
        unit_key,
        school_year,
        who,
        max(n_answers) as n_answers,
        max(n_asked) as n_asked,
        bool_or(is_made_up) as is_made_up
    from survey
    where respondent = 'elever' and n_asked is not null
    group by municipality_code, area_key, unit_key, school_year, who

),

responses as (

    select
        {{ entity_columns('answered') }},
        answered.school_year,
        answered.who,
        cast(sum(answered.n_asked) as bigint) as persons,
        cast(sum(least(answered.n_answers, answered.n_asked)) as bigint) as n_answers,
        count(*) as n_units,
        bool_or(answered.is_made_up) as is_made_up
    from answered
    {{ unit_and_above('answered', ['school_year', 'who']) }}

)

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    'own_survey_' || what || '_' || who || '__level' as indicator_id,
    'all' as group_id,
    persons,
    -- Ten-thousandths of an index point times answers.
    cast(index_sum * 10000 as bigint) as total,
    cast(index_sum as decimal(18, 4)) as numerator,
    cast(case when n_units > 0 then persons end as decimal(18, 4)) as denominator,
    cast(persons as double) / nullif(n_answers, 0) as coverage,
    n_units,
    is_made_up
from indices

union all

select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    'own_survey_answered_' || who || '_share__level' as indicator_id,
    'all' as group_id,
    persons,
    cast(null as bigint) as total,
    cast(n_answers as decimal(18, 4)) as numerator,
    cast(persons as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    n_units,
    is_made_up
from responses
