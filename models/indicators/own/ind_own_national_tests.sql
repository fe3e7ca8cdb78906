-- Swedish and Swedish as a second language are one subject here: a pupil takes one of them.

with tests as (

    select
        person_key,
        unit_key,
        school_year,
        year_group,
        case
            when subject_code in ('SV', 'SVA') then 'swedish'
            when subject_code = 'MA' then 'maths'
            when subject_code = 'EN' then 'english'
        end as subject,
        -- Without basis (`-`) is no grade.
        nullif(test_grade, '-') as test_grade,
        nullif(test_grade, '-') is not null or points is not null as is_taken,
        is_made_up
    from {{ ref('fct_national_test') }}
    where subject_code in ('SV', 'SVA', 'MA', 'EN')
    -- Delivered in both Swedish subjects: the one with a result, and then the better one.
    qualify
        row_number() over (
            partition by person_key, school_year, year_group, subject
            order by nullif(test_grade, '-') asc nulls last, points desc nulls last
        ) = 1

),

scales as (

    select
        value,
        arg_max(is_passed, valid_from) as is_passed
    from {{ ref('ref_grade_scales') }}
    group by value

),

october as (

    select * from {{ ref('fct_pupil_october') }}
    where school_form = 'gr'

),

pupils as (

    select * from {{ ref('dim_pupil_year') }}

),

expected as (

    select * from {{ ref('ind_own_pupils') }}
    where school_form = 'gr'

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

-- Not delivered is not the same as not taken: only units with a result in the subject.
delivered as (

    select
        unit_key,
        school_year,
        year_group,
        subject
    from tests
    where is_taken
    group by unit_key, school_year, year_group, subject

),

of_october as (

    select
        units.municipality_code,
        units.area_key,
        october.unit_key,
        october.school_year,
        october.year_group,
        delivered.subject,
        {{ pupil_group_ids('october') }} as group_id,
        coalesce(tests.is_taken, false) as is_taken,
        october.is_made_up
    from october
    inner join delivered
        on
            october.unit_key = delivered.unit_key
            and october.school_year = delivered.school_year
            and october.year_group = delivered.year_group
    inner join units
        on october.unit_key = units.unit_key
    left join tests
        on
            october.person_key = tests.person_key
            and october.school_year = tests.school_year
            and october.year_group = tests.year_group
            and delivered.subject = tests.subject

),

takers as (

    select
        {{ entity_columns('of_october') }},
        of_october.school_year,
        of_october.year_group,
        of_october.subject,
        'taken' as what,
        of_october.group_id,
        count(*) as persons,
        count(*) filter (where of_october.is_taken) as n_outcome,
        count(distinct of_october.unit_key) as n_units,
        bool_or(of_october.is_made_up) as is_made_up
    from of_october
    {{ unit_and_above('of_october', ['school_year', 'year_group', 'subject', 'group_id']) }}

),

-- Year 3 has no test grade, and nobody passes or fails it.
graded as (

    select
        units.municipality_code,
        units.area_key,
        tests.unit_key,
        tests.school_year,
        tests.year_group,
        tests.subject,
        {{ pupil_group_ids('pupils') }} as group_id,
        scales.is_passed,
        tests.is_made_up
    from tests
    inner join scales
        on tests.test_grade = scales.value
    inner join units
        on tests.unit_key = units.unit_key
    left join pupils
        on
            tests.person_key = pupils.person_key
            and tests.school_year = pupils.school_year

),

passers as (

    select
        {{ entity_columns('graded') }},
        graded.school_year,
        graded.year_group,
        graded.subject,
        'passed' as what,
        graded.group_id,
        count(*) as persons,
        count(*) filter (where graded.is_passed) as n_outcome,
        count(distinct graded.unit_key) as n_units,
        bool_or(graded.is_made_up) as is_made_up
    from graded
    {{ unit_and_above('graded', ['school_year', 'year_group', 'subject', 'group_id']) }}

),

figures as (

    select * from takers
    union all
    select * from passers

)

select
    figures.entity_type,
    figures.entity_key,
    figures.municipality_code,
    figures.school_year,
    'own_test_' || figures.what || '_' || figures.subject || '_y' || figures.year_group || '__level'
        as indicator_id,
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
        and figures.year_group = expected.year_group
        and figures.group_id = expected.group_id
