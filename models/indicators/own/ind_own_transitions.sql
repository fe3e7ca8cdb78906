-- From one 15 October to the next. The school year is that of the first October.

with transitions as (

    select * from {{ ref('fct_transition') }}
    where transition <> 'unknown'

),

pupils as (

    select * from {{ ref('dim_pupil_year') }}

),

units as (

    select
        unit_key,
        municipality_code,
        area_key
    from {{ ref('dim_unit') }}
    where is_current

),

judged as (

    select
        *,
        school_form in ('gy', 'gyan') as is_upper_secondary,
        transition = 'promoted_same_unit' as is_same_unit,
        transition = 'promoted_other_unit' and not is_forced_change as is_unforced_move,
        transition = 'promoted_other_unit' and is_forced_change as is_forced_move,
        transition = 'repeated' as is_repeated,
        transition = 'left_or_gap' as is_left,
        coalesce(next_school_form in ('gy', 'gyan'), false) as is_in_own_upper_secondary
    from transitions

),

grouped as (

    select
        units.municipality_code,
        units.area_key,
        judged.*,
        {{ pupil_group_ids('pupils') }} as group_id
    from judged
    inner join units
        on judged.unit_key = units.unit_key
    left join pupils
        on
            judged.person_key = pupils.person_key
            and judged.school_year = pupils.school_year

)

-- What is counted, and among whom. In the last year group of a form everybody leaves: they are not judged.
{% for indicator, outcome, among in [
    ('own_continued_same_unit', 'is_same_unit', 'not is_upper_secondary and not is_last_year_group'),
    ('own_continuity', 'is_same_unit', 'not is_upper_secondary and not is_last_year_group and not is_forced_move'),
    ('own_moved_unforced', 'is_unforced_move', 'not is_upper_secondary and not is_last_year_group'),
    ('own_moved_forced', 'is_forced_move', 'not is_upper_secondary and not is_last_year_group'),
    ('own_repeated', 'is_repeated', 'not is_upper_secondary and not is_last_year_group'),
    ('own_left_compulsory', 'is_left', 'not is_upper_secondary and not is_last_year_group'),
    ('own_left_upper_secondary', 'is_left', 'is_upper_secondary and not is_last_year_group'),
    (
        'own_to_own_upper_secondary', 'is_in_own_upper_secondary',
        "school_form in ('gr', 'gran') and is_last_year_group"
    )
] -%}
select
    {{ entity_columns('grouped') }},
    grouped.school_year,
    '{{ indicator }}_share__level' as indicator_id,
    grouped.group_id,
    count(*) as persons,
    cast(null as bigint) as total,
    cast(count(*) filter (where grouped.{{ outcome }}) as decimal(18, 4)) as numerator,
    cast(count(*) as decimal(18, 4)) as denominator,
    cast(1 as double) as coverage,
    count(distinct grouped.unit_key) as n_units,
    bool_or(grouped.is_made_up) as is_made_up
from grouped
where {{ among }}
{{ unit_and_above('grouped', ['school_year', 'group_id']) }}
{{- '\n\nunion all\n\n' if not loop.last }}
{% endfor -%}
