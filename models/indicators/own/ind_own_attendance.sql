-- The mart counts a pupil once in each unit, and once in the area and in the municipality with all their
-- units pooled.

with attendance as (

    select * from {{ ref('fct_pupil_attendance_year') }}

),

pupils as (

    select * from {{ ref('dim_pupil_year') }}

),

units as (

    select
        unit_key,
        area_key,
        municipality_code
    from {{ ref('dim_unit') }}
    where is_current

),

areas as (

    select
        area_key,
        municipality_code
    from {{ ref('dim_area') }}

),

grouped as (

    select
        attendance.*,
        case attendance.entity_type
            when 'unit' then units.municipality_code
            when 'area' then areas.municipality_code
            else attendance.entity_key
        end as municipality_code,
        units.area_key,
        {{ pupil_group_ids('pupils') }} as group_id
    from attendance
    left join pupils
        on
            attendance.person_key = pupils.person_key
            and attendance.school_year = pupils.school_year
    left join units
        on
            attendance.entity_type = 'unit'
            and attendance.entity_key = units.unit_key
    left join areas
        on
            attendance.entity_type = 'area'
            and attendance.entity_key = areas.area_key

),

counted as (

    select
        entity_type,
        entity_key,
        municipality_code,
        school_year,
        group_id,
        count(*) filter (where status in ('ok', 'short_exposure')) as n_counted,
        count(*) filter (where status = 'ok') as n_judged,
        count(*) as n_pupils,
        {%- for band in ['absent_10', 'absent_15', 'absent_20', 'absent_50', 'invalid_5'] %}
        count(*) filter (where is_{{ band }}) as n_{{ band }},
        {%- endfor %}
        {%- for minutes in ['counted_offered_minutes', 'absent_minutes', 'invalid_absence_minutes'] %}
        cast(
            coalesce(sum({{ minutes }}) filter (where status in ('ok', 'short_exposure')), 0) as bigint
        ) as {{ minutes }},
        {%- endfor %}
        cast(coalesce(sum(offered_minutes), 0) as bigint) as offered_minutes,
        cast(coalesce(sum(reported_minutes), 0) as bigint) as reported_minutes,
        any_value(area_key) as area_key,
        bool_or(is_made_up) as is_made_up
    from grouped
    group by entity_type, entity_key, municipality_code, school_year, group_id

),

units_behind as (

    select
        case when grouping(area_key) = 0 then 'area' else 'municipality' end as entity_type,
        coalesce(area_key, municipality_code) as entity_key,
        school_year,
        group_id,
        count(*) as n_units
    from counted
    where entity_type = 'unit'
    group by grouping sets ((area_key, school_year, group_id), (municipality_code, school_year, group_id))
    having grouping(area_key) = 1 or area_key is not null

),

figures as (

    select
        counted.*,
        cast(counted.reported_minutes as double) / nullif(counted.offered_minutes, 0) as coverage,
        case counted.entity_type when 'unit' then 1 else units_behind.n_units end as n_units
    from counted
    left join units_behind
        on
            counted.entity_type = units_behind.entity_type
            and counted.entity_key = units_behind.entity_key
            and counted.school_year = units_behind.school_year
            and counted.group_id = units_behind.group_id

)

-- Minutes of minutes: the persons are those whose time is counted.
{% for indicator, persons, numerator, denominator in [
    ('own_absence_rate', 'n_counted', 'absent_minutes', 'counted_offered_minutes'),
    ('own_invalid_absence_rate', 'n_counted', 'invalid_absence_minutes', 'counted_offered_minutes'),
    ('own_attendance_reported', 'n_pupils', 'reported_minutes', 'offered_minutes')
] -%}
select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    '{{ indicator }}__level' as indicator_id,
    group_id,
    {{ persons }} as persons,
    {{ numerator }} as total,
    cast({{ numerator }} as decimal(18, 4)) as numerator,
    cast({{ denominator }} as decimal(18, 4)) as denominator,
    coverage,
    n_units,
    is_made_up
from figures

union all

{% endfor -%}

-- Pupils of pupils.
{% for band in ['absent_10', 'absent_15', 'absent_20', 'absent_50', 'invalid_5'] -%}
select
    entity_type,
    entity_key,
    municipality_code,
    school_year,
    'own_{{ band }}_share__level' as indicator_id,
    group_id,
    n_judged as persons,
    cast(null as bigint) as total,
    cast(n_{{ band }} as decimal(18, 4)) as numerator,
    cast(n_judged as decimal(18, 4)) as denominator,
    coverage,
    n_units,
    is_made_up
from figures
{{- '\n\nunion all\n\n' if not loop.last }}
{% endfor -%}
