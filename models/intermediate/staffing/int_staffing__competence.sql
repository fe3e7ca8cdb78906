-- Staff of each unit and of the municipality in figures: one row per entity, school year, measure, subject
-- and stage. Full-time equivalents are sums over posts; heads count a person once per entity. What is not
-- known is left out of the denominator and seen in the coverage (known of all).

with assignments as (

    select * from {{ ref('int_staffing__assignments') }}
    where fte_percent > 0

),

parts as (

    select * from {{ ref('int_staffing__parts') }}
    where fte_percent > 0

),

successions as (

    select * from {{ ref('xwalk_unit_succession') }}

),

pupils as (

    select
        unit_key,
        school_year,
        count(distinct person_key) as n_pupils
    from {{ ref('int_persons__october') }}
    where school_form <> 'fth'
    group by unit_key, school_year

),

-- The municipality has the pupils of the units whose staff it delivered.
municipality_of_unit as (

    select
        unit_key,
        school_year,
        min(municipality_code) as municipality_code
    from assignments
    group by unit_key, school_year

),

pupils_by_entity as (

    select
        case when grouping(pupils.unit_key) = 0 then 'unit' else 'municipality' end as entity_type,
        coalesce(pupils.unit_key, municipality_of_unit.municipality_code) as entity_key,
        pupils.school_year,
        cast(sum(pupils.n_pupils) as bigint) as n_pupils
    from pupils
    inner join municipality_of_unit
        on
            pupils.unit_key = municipality_of_unit.unit_key
            and pupils.school_year = municipality_of_unit.school_year
    group by grouping sets (
        (municipality_of_unit.municipality_code, pupils.school_year, pupils.unit_key),
        (municipality_of_unit.municipality_code, pupils.school_year)
    )

),

on_october_15 as (

    select * from assignments
    where is_employed_on_october_15

),

teachers as (

    select * from on_october_15
    where is_teacher

),

teachers_counted as (

    select
        case when grouping(unit_key) = 0 then 'unit' else 'municipality' end as entity_type,
        coalesce(unit_key, municipality_code) as entity_key,
        school_year,
        sum(fte_percent) as fte,
        count(distinct person_key) as heads,
        sum(fte_percent) filter (where is_certified is not null) as fte_known_certified,
        sum(fte_percent) filter (where is_certified) as fte_certified,
        sum(fte_percent) filter (where is_qualified_any is not null) as fte_known_qualified,
        sum(fte_percent) filter (where is_qualified_any) as fte_qualified,
        count(distinct person_key) filter (where is_qualified_any is not null) as heads_known_qualified,
        count(distinct person_key) filter (where is_qualified_any) as heads_qualified,
        sum(fte_percent) filter (where is_experienced is not null) as fte_known_experience,
        sum(fte_percent) filter (where is_experienced) as fte_experienced,
        count(distinct person_key) filter (where is_first_teacher is not null) as heads_known_first_teacher,
        count(distinct person_key) filter (where is_first_teacher) as heads_first_teacher
    from teachers
    group by grouping sets ((municipality_code, school_year, unit_key), (municipality_code, school_year))

),

staff_counted as (

    select
        case when grouping(unit_key) = 0 then 'unit' else 'municipality' end as entity_type,
        coalesce(unit_key, municipality_code) as entity_key,
        school_year,
        count(distinct person_key) as heads,
        count(*) as posts,
        count(*) filter (where sick_leave_days is not null and working_days is not null) as posts_known,
        sum(sick_leave_days) filter (where working_days is not null) as sick_leave_days,
        sum(working_days) filter (where sick_leave_days is not null) as working_days,
        count(distinct person_key) filter (where category = 'special_educator') as heads_special,
        coalesce(sum(fte_percent) filter (
            where category = 'special_educator' and is_employed_on_october_15
        ), 0) as fte_special
    from assignments
    group by grouping sets ((municipality_code, school_year, unit_key), (municipality_code, school_year))

),

last_october as (

    select
        unit_key,
        municipality_code,
        person_key,
        {{ school_years_later('school_year', 1) }} as school_year,
        fte_percent
    from teachers

),

-- Teachers of last October beside the staff of this one. A unit that got a new code is the same unit.
earlier_posts as (

    select
        coalesce(successions.to_unit_key, last_october.unit_key) as unit_key,
        last_october.municipality_code,
        last_october.person_key,
        last_october.school_year,
        sum(last_october.fte_percent) as fte_percent
    from last_october
    left join successions
        on
            last_october.unit_key = successions.from_unit_key
            and last_october.school_year = successions.valid_from_school_year
    group by
        coalesce(successions.to_unit_key, last_october.unit_key),
        last_october.municipality_code,
        last_october.person_key,
        last_october.school_year

),

later_posts as (

    select
        unit_key,
        municipality_code,
        person_key,
        school_year
    from on_october_15

),

delivered_later as (

    select
        unit_key,
        school_year
    from later_posts
    group by unit_key, school_year

),

later_in_municipality as (

    select
        municipality_code,
        person_key,
        school_year
    from later_posts
    group by municipality_code, person_key, school_year

),

turnover as (

    select
        'unit' as entity_type,
        earlier_posts.unit_key as entity_key,
        earlier_posts.school_year,
        count(*) as heads,
        sum(earlier_posts.fte_percent) as fte,
        coalesce(sum(earlier_posts.fte_percent) filter (where later_posts.person_key is null), 0) as fte_left
    from earlier_posts
    inner join delivered_later
        on
            earlier_posts.unit_key = delivered_later.unit_key
            and earlier_posts.school_year = delivered_later.school_year
    left join later_posts
        on
            earlier_posts.unit_key = later_posts.unit_key
            and earlier_posts.person_key = later_posts.person_key
            and earlier_posts.school_year = later_posts.school_year
    group by earlier_posts.unit_key, earlier_posts.school_year

    union all

    select
        'municipality' as entity_type,
        earlier_posts.municipality_code as entity_key,
        earlier_posts.school_year,
        count(distinct earlier_posts.person_key) as heads,
        sum(earlier_posts.fte_percent) as fte,
        coalesce(
            sum(earlier_posts.fte_percent) filter (where later_in_municipality.person_key is null), 0
        ) as fte_left
    from earlier_posts
    inner join delivered_later
        on
            earlier_posts.unit_key = delivered_later.unit_key
            and earlier_posts.school_year = delivered_later.school_year
    left join later_in_municipality
        on
            earlier_posts.municipality_code = later_in_municipality.municipality_code
            and earlier_posts.person_key = later_in_municipality.person_key
            and earlier_posts.school_year = later_in_municipality.school_year
    group by earlier_posts.municipality_code, earlier_posts.school_year

),

-- Parts of posts by subject and stage, and over both.
parts_counted as (

    select
        case when grouping(parts.unit_key) = 0 then 'unit' else 'municipality' end as entity_type,
        coalesce(parts.unit_key, parts.municipality_code) as entity_key,
        parts.school_year,
        coalesce(parts.subject_code, 'all') as subject_code,
        coalesce(parts.stage, 'all') as stage,
        count(distinct parts.person_key) as heads,
        sum(parts.fte_percent) as fte,
        sum(parts.fte_percent) filter (where parts.is_qualified is not null) as fte_known,
        sum(parts.fte_percent) filter (where parts.is_qualified) as fte_qualified
    from parts
    inner join teachers
        on
            parts.person_key = teachers.person_key
            and parts.unit_key = teachers.unit_key
            and parts.school_year = teachers.school_year
    group by grouping sets (
        (parts.municipality_code, parts.school_year, parts.unit_key, parts.subject_code, parts.stage),
        (parts.municipality_code, parts.school_year, parts.unit_key, parts.subject_code),
        (parts.municipality_code, parts.school_year, parts.unit_key, parts.stage),
        (parts.municipality_code, parts.school_year, parts.unit_key),
        (parts.municipality_code, parts.school_year, parts.subject_code, parts.stage),
        (parts.municipality_code, parts.school_year, parts.subject_code),
        (parts.municipality_code, parts.school_year, parts.stage),
        (parts.municipality_code, parts.school_year)
    )

),

-- numerator / denominator is the figure; known / base is how much of the base it rests on.
figures as (

    select
        entity_type,
        entity_key,
        school_year,
        'teachers_fte' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        fte / 100 as numerator,
        cast(null as decimal(38, 10)) as denominator,
        fte / 100 as known,
        fte / 100 as base
    from teachers_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'certified_fte_share' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        coalesce(fte_certified, 0) / 100 as numerator,
        coalesce(fte_known_certified, 0) / 100 as denominator,
        coalesce(fte_known_certified, 0) / 100 as known,
        fte / 100 as base
    from teachers_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'qualified_any_fte_share' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        coalesce(fte_qualified, 0) / 100 as numerator,
        coalesce(fte_known_qualified, 0) / 100 as denominator,
        coalesce(fte_known_qualified, 0) / 100 as known,
        fte / 100 as base
    from teachers_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'qualified_any_heads_share' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        heads_qualified as numerator,
        heads_known_qualified as denominator,
        heads_known_qualified as known,
        heads as base
    from teachers_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'qualified_fte_share' as measure_id,
        subject_code,
        stage,
        heads,
        coalesce(fte_qualified, 0) / 100 as numerator,
        coalesce(fte_known, 0) / 100 as denominator,
        coalesce(fte_known, 0) / 100 as known,
        fte / 100 as base
    from parts_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'experienced_fte_share' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        coalesce(fte_experienced, 0) / 100 as numerator,
        coalesce(fte_known_experience, 0) / 100 as denominator,
        coalesce(fte_known_experience, 0) / 100 as known,
        fte / 100 as base
    from teachers_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'first_teachers_heads' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        heads_first_teacher as numerator,
        cast(null as decimal(38, 10)) as denominator,
        heads_known_first_teacher as known,
        heads as base
    from teachers_counted

    union all

    select
        teachers_counted.entity_type,
        teachers_counted.entity_key,
        teachers_counted.school_year,
        'pupils_per_teacher' as measure_id,
        'all' as subject_code,
        'all' as stage,
        teachers_counted.heads,
        pupils_by_entity.n_pupils as numerator,
        teachers_counted.fte / 100 as denominator,
        case when pupils_by_entity.n_pupils is null then 0 else 1 end as known,
        1 as base
    from teachers_counted
    left join pupils_by_entity
        on
            teachers_counted.entity_type = pupils_by_entity.entity_type
            and teachers_counted.entity_key = pupils_by_entity.entity_key
            and teachers_counted.school_year = pupils_by_entity.school_year

    union all

    select
        staff_counted.entity_type,
        staff_counted.entity_key,
        staff_counted.school_year,
        'special_educators_per_100_pupils' as measure_id,
        'all' as subject_code,
        'all' as stage,
        staff_counted.heads_special as heads,
        staff_counted.fte_special / 100 as numerator,
        pupils_by_entity.n_pupils as denominator,
        case when pupils_by_entity.n_pupils is null then 0 else 1 end as known,
        1 as base
    from staff_counted
    left join pupils_by_entity
        on
            staff_counted.entity_type = pupils_by_entity.entity_type
            and staff_counted.entity_key = pupils_by_entity.entity_key
            and staff_counted.school_year = pupils_by_entity.school_year

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'sick_leave_share' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        coalesce(sick_leave_days, 0) as numerator,
        coalesce(working_days, 0) as denominator,
        posts_known as known,
        posts as base
    from staff_counted

    union all

    select
        entity_type,
        entity_key,
        school_year,
        'teacher_turnover_share' as measure_id,
        'all' as subject_code,
        'all' as stage,
        heads,
        fte_left / 100 as numerator,
        fte / 100 as denominator,
        1 as known,
        1 as base
    from turnover

),

measures as (

    select
        measure_id,
        unit_of_measure
    from {{ ref('ref_own_measures') }}

)

select
    figures.entity_type,
    figures.entity_key,
    figures.school_year,
    figures.measure_id,
    figures.subject_code,
    figures.stage,
    cast(figures.heads as bigint) as n_persons,
    case when figures.known > 0 then cast(figures.numerator as decimal(18, 6)) end as numerator,
    case when figures.known > 0 then cast(figures.denominator as decimal(18, 6)) end as denominator,
    case
        when figures.known = 0 then null
        when measures.unit_of_measure in ('fte', 'count') then cast(figures.numerator as double)
        when measures.unit_of_measure in ('percent', 'per_100')
            then 100 * cast(figures.numerator as double) / nullif(cast(figures.denominator as double), 0)
        else cast(figures.numerator as double) / nullif(cast(figures.denominator as double), 0)
    end as value,
    cast(figures.known as double) / nullif(cast(figures.base as double), 0) as coverage,
    case
        when figures.known = 0 then 'missing'
        when measures.unit_of_measure not in ('fte', 'count') and figures.denominator = 0 then 'undefined'
        else 'ok'
    end as status
from figures
inner join measures
    on figures.measure_id = measures.measure_id
