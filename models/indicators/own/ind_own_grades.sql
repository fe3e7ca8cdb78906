-- Grades of the spring term in year 6, and final grades in year 9. Prövningar are left out: the figures are
-- about what the school gave.

with grades as (

    select
        *,
        case
            when subject_code in ('SV', 'SVA') then 'swedish'
            when subject_code = 'MA' then 'maths'
            when subject_code = 'EN' then 'english'
        end as subject
    from {{ ref('fct_grade') }}
    where
        school_form = 'gr'
        and is_counted
        and not is_trial
        and ((year_group = 6 and semester = 'VT') or (year_group = 9 and is_final))

),

final_grades as (

    select * from {{ ref('fct_unit_final_grades') }}

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

-- One row per pupil, unit and subject: passed in Swedish is passed in either Swedish subject.
by_subject as (

    select
        person_key,
        unit_key,
        school_year,
        year_group,
        'grade_passed_' || subject || '_y' || year_group as what,
        bool_or(is_passed) as is_outcome,
        bool_or(is_made_up) as is_made_up
    from grades
    where subject is not null and is_passed is not null
    group by person_key, unit_key, school_year, year_group, subject

),

all_subjects as (

    select
        person_key,
        unit_key,
        school_year,
        year_group,
        'passed_all_subjects_y6' as what,
        bool_and(coalesce(is_passed, false)) as is_outcome,
        bool_or(is_made_up) as is_made_up
    from grades
    where year_group = 6
    group by person_key, unit_key, school_year, year_group

),

judged as (

    select * from by_subject
    union all
    select * from all_subjects

),

grouped as (

    select
        units.municipality_code,
        units.area_key,
        judged.unit_key,
        judged.school_year,
        judged.year_group,
        judged.what,
        judged.is_outcome,
        {{ pupil_group_ids('pupils') }} as group_id,
        judged.is_made_up
    from judged
    inner join units
        on judged.unit_key = units.unit_key
    left join pupils
        on
            judged.person_key = pupils.person_key
            and judged.school_year = pupils.school_year

),

passers as (

    select
        {{ entity_columns('grouped') }},
        grouped.school_year,
        grouped.year_group,
        grouped.what,
        grouped.group_id,
        count(*) as persons,
        cast(null as bigint) as total,
        count(*) filter (where grouped.is_outcome) as numerator,
        count(*) as denominator,
        count(distinct grouped.unit_key) as n_units,
        bool_or(grouped.is_made_up) as is_made_up
    from grouped
    {{ unit_and_above('grouped', ['school_year', 'year_group', 'what', 'group_id']) }}

),

final_grouped as (

    select
        units.municipality_code,
        units.area_key,
        final_grades.unit_key,
        final_grades.school_year,
        final_grades.measure_id as what,
        case final_grades.dimension
            when 'all' then 'all'
            when 'sex' then 'sex_' || final_grades.group_value
            when 'parents_education' then 'parents_' || final_grades.group_value
            when 'foreign_background'
                then
                    case final_grades.group_value
                        when 'yes' then 'background_foreign'
                        when 'no' then 'background_swedish'
                        else 'background_unknown'
                    end
            when 'newly_arrived' then 'newly_arrived_' || final_grades.group_value
        end as group_id,
        final_grades.numerator,
        final_grades.denominator,
        final_grades.is_made_up
    from final_grades
    inner join units
        on final_grades.unit_key = units.unit_key

),

-- The mart's denominator is pupils: those with a passed grade for the merit value, else everyone.
finals as (

    select
        {{ entity_columns('final_grouped') }},
        final_grouped.school_year,
        9 as year_group,
        final_grouped.what,
        final_grouped.group_id,
        cast(sum(final_grouped.denominator) as bigint) as persons,
        -- A grade is worth halves of five points at the finest: tenths are whole numbers.
        case
            when final_grouped.what = 'merit_value_y9' then cast(sum(final_grouped.numerator) * 10 as bigint)
        end as total,
        sum(final_grouped.numerator) as numerator,
        sum(final_grouped.denominator) as denominator,
        count(distinct final_grouped.unit_key) as n_units,
        bool_or(final_grouped.is_made_up) as is_made_up
    from final_grouped
    {{ unit_and_above('final_grouped', ['school_year', 'what', 'group_id']) }}

),

figures as (

    select * from passers
    union all
    select * from finals

)

select
    figures.entity_type,
    figures.entity_key,
    figures.municipality_code,
    figures.school_year,
    'own_' || figures.what || '__level' as indicator_id,
    figures.group_id,
    figures.persons,
    figures.total,
    cast(figures.numerator as decimal(18, 4)) as numerator,
    cast(figures.denominator as decimal(18, 4)) as denominator,
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
