-- Final grades of year 9 in figures: one row per unit, school year, dimension, group and measure, with
-- numerator and denominator. The dimension `all` has one group `all`; a pupil with protected identity is in
-- `all` and in the unknown of every other dimension.
--
-- The mean merit value divides by pupils with at least one passed grade; the shares by all who got or should
-- have got grades.

with pupils as (

    select * from {{ ref('int_own__final_grades') }}

),

groups as (

    select
        person_key,
        school_year,
        min(sex) as sex,
        min(parents_education) as parents_education,
        min(foreign_background) as foreign_background,
        min(newly_arrived) as newly_arrived
    from {{ ref('int_composition__pupil_groups') }}
    where school_form = 'gr'
    group by person_key, school_year

),

grouped as (

    select
        pupils.*,
        'all' as everyone,
        coalesce(groups.sex, 'unknown') as sex,
        coalesce(groups.parents_education, 'unknown') as parents_education,
        coalesce(groups.foreign_background, 'unknown') as foreign_background,
        coalesce(groups.newly_arrived, 'unknown') as newly_arrived
    from pupils
    left join groups
        on
            pupils.person_key = groups.person_key
            and pupils.school_year = groups.school_year

),

long as (

    select
        unit_key,
        school_year,
        dimension,
        group_value,
        n_passed,
        merit_value,
        is_passed_all,
        is_eligible_vocational,
        is_eligible_arts,
        is_eligible_social,
        is_eligible_science
    from grouped
    unpivot (group_value for dimension in (
        everyone as 'all',
        sex,
        parents_education,
        foreign_background,
        newly_arrived
    ))

),

counted as (

    select
        unit_key,
        school_year,
        dimension,
        group_value,
        count(*) as n_pupils,
        count(*) filter (where n_passed > 0) as n_with_pass,
        sum(merit_value) filter (where n_passed > 0) as merit_sum,
        count(*) filter (where is_passed_all) as n_passed_all,
        count(*) filter (where is_eligible_vocational) as n_eligible_vocational,
        count(*) filter (where is_eligible_arts) as n_eligible_arts,
        count(*) filter (where is_eligible_social) as n_eligible_social,
        count(*) filter (where is_eligible_science) as n_eligible_science
    from long
    group by unit_key, school_year, dimension, group_value

)

{% for measure, numerator, denominator in [
    ('merit_value_y9', 'merit_sum', 'n_with_pass'),
    ('passed_all_subjects_y9', 'n_passed_all', 'n_pupils'),
    ('eligible_vocational_y9', 'n_eligible_vocational', 'n_pupils'),
    ('eligible_arts_y9', 'n_eligible_arts', 'n_pupils'),
    ('eligible_social_y9', 'n_eligible_social', 'n_pupils'),
    ('eligible_science_y9', 'n_eligible_science', 'n_pupils')
] -%}
select
    unit_key,
    school_year,
    dimension,
    group_value,
    '{{ measure }}' as measure_id,
    n_pupils,
    cast(coalesce({{ numerator }}, 0) as decimal(18, 6)) as numerator,
    cast({{ denominator }} as decimal(18, 6)) as denominator
from counted
{{- '\n\nunion all\n\n' if not loop.last }}
{%- endfor %}
