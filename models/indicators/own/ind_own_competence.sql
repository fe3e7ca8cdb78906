with figures as (

    select
        'unit' as entity_type,
        staff.unit_key as entity_key,
        units.municipality_code,
        staff.school_year,
        staff.measure_id,
        staff.subject_code,
        staff.stage,
        staff.n_persons,
        staff.numerator,
        staff.denominator,
        staff.coverage,
        staff.is_made_up
    from {{ ref('fct_unit_staff_competence') }} as staff
    inner join {{ ref('dim_unit') }} as units
        on
            staff.unit_key = units.unit_key
            and units.is_current

    union all

    select
        'municipality' as entity_type,
        municipality_code as entity_key,
        municipality_code,
        school_year,
        measure_id,
        subject_code,
        stage,
        n_persons,
        numerator,
        denominator,
        coverage,
        is_made_up
    from {{ ref('fct_municipality_staff_competence') }}

),

named as (

    select
        *,
        case
            when subject_code = 'all' and stage = 'all'
                then
                    case measure_id
                        when 'certified_fte_share' then 'own_certified_teachers'
                        when 'qualified_any_fte_share' then 'own_qualified_teachers'
                        when 'qualified_any_heads_share' then 'own_qualified_teachers_heads'
                        when 'experienced_fte_share' then 'own_experienced_teachers'
                        when 'special_educators_per_100_pupils' then 'own_special_educators_per_100_pupils'
                        when 'pupils_per_teacher' then 'own_pupils_per_teacher'
                        when 'sick_leave_share' then 'own_staff_sick_leave'
                        when 'teacher_turnover_share' then 'own_teacher_turnover'
                        when 'qualified_fte_share' then 'own_qualified_teaching'
                    end
            when measure_id = 'qualified_fte_share' and stage = 'all'
                then
                    case subject_code
                        when 'SV' then 'own_qualified_teaching_swedish'
                        when 'SVA' then 'own_qualified_teaching_swedish_second'
                        when 'MA' then 'own_qualified_teaching_maths'
                    end
            when measure_id = 'qualified_fte_share' and subject_code = 'all'
                then
                    case stage
                        when 'lag' then 'own_qualified_teaching_y1_3'
                        when 'mellan' then 'own_qualified_teaching_y4_6'
                        when 'hog' then 'own_qualified_teaching_y7_9'
                    end
        end as indicator
    from figures

),

units_behind as (

    select
        municipality_code,
        school_year,
        indicator,
        count(*) as n_units
    from named
    where entity_type = 'unit' and indicator is not null
    group by municipality_code, school_year, indicator

)

select
    named.entity_type,
    named.entity_key,
    named.municipality_code,
    named.school_year,
    named.indicator || '__level' as indicator_id,
    'all' as group_id,
    named.n_persons as persons,
    -- Ten-thousandths of what is summed (full-time equivalents, days, pupils): whole numbers.
    case
        when named.indicator <> 'own_qualified_teachers_heads'
            then cast(cast(named.numerator as decimal(18, 4)) * 10000 as bigint)
    end as total,
    cast(named.numerator as decimal(18, 4)) as numerator,
    cast(named.denominator as decimal(18, 4)) as denominator,
    named.coverage,
    case named.entity_type when 'unit' then 1 else units_behind.n_units end as n_units,
    named.is_made_up
from named
left join units_behind
    on
        named.municipality_code = units_behind.municipality_code
        and named.school_year = units_behind.school_year
        and named.indicator = units_behind.indicator
where named.indicator is not null
