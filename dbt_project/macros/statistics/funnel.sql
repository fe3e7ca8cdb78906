{#
    A unit's share of successes against a target, as expressions. The limits widen where there are fewer
    pupils, and by `tau_squared`: the variance between units that pupils' chance does not explain
    (lib/statistics/funnel computes it, and the exact limits). Null when there are no trials. Shares lie
    within 0 and 1, and so do the limits.

    There is a position and never a rank.
#}

{# Two-sided 99.8 %. #}
{% macro z_998() -%}
    3.090232306167813
{%- endmacro %}

{% macro funnel_standard_error(trials, target, tau_squared=0) -%}
    sqrt({{ target }} * (1 - {{ target }}) / nullif({{ trials }}, 0) + {{ tau_squared }})
{%- endmacro %}

{# Standard errors above (+) or below (-) the target; null when the target leaves no room for chance. #}
{% macro funnel_z(successes, trials, target, tau_squared=0) -%}
    (cast({{ successes }} as double) / nullif({{ trials }}, 0) - {{ target }})
    / nullif({{ funnel_standard_error(trials, target, tau_squared) }}, 0)
{%- endmacro %}

{% macro funnel_lower(trials, target, z, tau_squared=0) -%}
    case
        when {{ trials }} > 0
            then
                greatest({{ target }} - {{ z }} * {{ funnel_standard_error(trials, target, tau_squared) }}, 0)
    end
{%- endmacro %}

{% macro funnel_upper(trials, target, z, tau_squared=0) -%}
    case
        when {{ trials }} > 0
            then
                least({{ target }} + {{ z }} * {{ funnel_standard_error(trials, target, tau_squared) }}, 1)
    end
{%- endmacro %}

{#
    A code of ref_verdicts. `z` is a column with what funnel_z gives; where all units have reached the level, or
    none has, there is nothing to divide by, and every unit is where all are.
#}
{% macro funnel_position(z) -%}
    case
        when {{ z }} < -{{ z_998() }} then 'below_998'
        when {{ z }} < -{{ z_95() }} then 'below_95'
        when {{ z }} > {{ z_998() }} then 'above_998'
        when {{ z }} > {{ z_95() }} then 'above_95'
        else 'inside'
    end
{%- endmacro %}
