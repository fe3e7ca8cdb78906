{#
    Intervals of shares, as expressions on two counts: `successes` of `trials`, integers. Null when there are
    no trials. The register holds everyone, so the interval tells of the chance in one cohort and not of a
    sample's error.

    Exact binomial (Clopper-Pearson) and Welch intervals need quantiles that DuckDB lacks: lib/statistics has
    them.
#}

{# Two-sided 95 %. #}
{% macro z_95() -%}
    1.959963984540054
{%- endmacro %}

{% macro wilson_lower(successes, trials, z=none) -%}
    {%- set z = z or z_95() -%}
    case
        when {{ successes }} = 0 and {{ trials }} > 0 then 0
        else
            ({{ successes }} + {{ z }} * {{ z }} / 2 - {{ wilson_half_width(successes, trials, z) }})
            / ({{ trials }} + {{ z }} * {{ z }})
    end
{%- endmacro %}

{% macro wilson_upper(successes, trials, z=none) -%}
    {%- set z = z or z_95() -%}
    case
        when {{ successes }} = {{ trials }} and {{ trials }} > 0 then 1
        else
            ({{ successes }} + {{ z }} * {{ z }} / 2 + {{ wilson_half_width(successes, trials, z) }})
            / ({{ trials }} + {{ z }} * {{ z }})
    end
{%- endmacro %}

{# Times n + z². #}
{% macro wilson_half_width(successes, trials, z) -%}
    {{ z }} * sqrt(
        cast({{ successes }} as double) * ({{ trials }} - {{ successes }}) / nullif({{ trials }}, 0)
        + {{ z }} * {{ z }} / 4
    )
{%- endmacro %}

{# Agresti & Coull 1998: p with z²/2 successes and z²/2 failures added. #}
{% macro agresti_coull_share(successes, trials, z) -%}
    ({{ successes }} + {{ z }} * {{ z }} / 2) / ({{ trials }} + {{ z }} * {{ z }})
{%- endmacro %}

{% macro agresti_coull_half_width(successes, trials, z) -%}
    {{ z }} * sqrt(
        {{ agresti_coull_share(successes, trials, z) }}
        * (1 - {{ agresti_coull_share(successes, trials, z) }})
        / ({{ trials }} + {{ z }} * {{ z }})
    )
{%- endmacro %}

{% macro agresti_coull_lower(successes, trials, z=none) -%}
    {%- set z = z or z_95() -%}
    case
        when {{ trials }} > 0 and {{ successes }} is not null
            then
                greatest(
                    {{ agresti_coull_share(successes, trials, z) }}
                    - {{ agresti_coull_half_width(successes, trials, z) }},
                    0
                )
    end
{%- endmacro %}

{% macro agresti_coull_upper(successes, trials, z=none) -%}
    {%- set z = z or z_95() -%}
    case
        when {{ trials }} > 0 and {{ successes }} is not null
            then
                least(
                    {{ agresti_coull_share(successes, trials, z) }}
                    + {{ agresti_coull_half_width(successes, trials, z) }},
                    1
                )
    end
{%- endmacro %}
