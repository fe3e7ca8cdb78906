{#
    The primary rules of disclosure control for one audience, on integers where it matters.

    `disclosure_thresholds` is a CTE body: one row per level with its thresholds as columns.
    `primary_suppression` is the reason why one figure must not be shown, or null:

        agency       a source hid it, though another may show it
        too_few      it rests on fewer pupils, answers or full-time teachers than the threshold
        rounded_100  one to four pupils did not reach the level: a rounded share with a known base is a count

    It expects base_count, value, hidden_status, count_basis, not_reached_is_sensitive and the thresholds.
#}

{% macro disclosure_thresholds(audience) -%}
    select
        entity_type,
        max(threshold) filter (where rule = 'minimum_pupils') as minimum_pupils,
        max(threshold) filter (where rule = 'minimum_teachers') as minimum_teachers,
        max(threshold) filter (where rule = 'maximum_not_reached') as maximum_not_reached,
        max(threshold) filter (where rule = 'minimum_hidden_units') as minimum_hidden_units
    from {{ ref('thr_disclosure') }}
    where audience = '{{ audience }}'
    group by entity_type
{%- endmacro %}

{% macro primary_suppression() -%}
    case
        when hidden_status is not null then 'agency'
        when value is null then null
        when count_basis in ('pupils', 'answers') and base_count < minimum_pupils then 'too_few'
        when count_basis in ('teachers_fte', 'teachers_heads') and base_count < minimum_teachers then 'too_few'
        when
            not_reached_is_sensitive
            and round(base_count * (100 - value) / 100) between 1 and maximum_not_reached
            then 'rounded_100'
    end
{%- endmacro %}

{# A statistic over units, some of which are hidden: one or two of them could be computed from it. #}
{% macro hidden_units_suppression(hidden_units, base, minimum) -%}
    case
        when {{ hidden_units }} between 1 and minimum_hidden_units - 1 then 'hidden_units'
        when {{ base }} < {{ minimum }} then 'too_few'
    end
{%- endmacro %}
