{#
    Units in order of need, from least to most, weighted by their pupils. Each macro is the body of a CTE;
    `by` lists the columns that tell one set of units from the next, never null.

        ridits               every row of `relation` with its ridit and its quarter of need
        need_quarter_values  one row per set and quarter: pooled numerator over pooled denominator
        need_quarter_gap     one row per set: most need minus least need
#}

{#
    The ridit is the middle of a unit's part of the line of all pupils: (pupils at less need + half of those
    at the same need) / all. Units of equal need share one. A float holds the cuts between quarters exactly,
    so no rounding moves a unit. A unit without a need or without pupils stays, with a null ridit and a null
    quarter: count it in the coverage.
#}
{% macro ridits(relation, by, need, weight) -%}
{%- set keys = by | join(', ') -%}
with flagged as (

    select
        *,
        {{ need }} is not null and coalesce({{ weight }} > 0, false) as is_ranked
    from {{ relation }}

),

ordered as (

    select
        *,
        sum({{ weight }}) over (partition by {{ keys }}, is_ranked) as all_weight,
        sum({{ weight }}) over (
            partition by {{ keys }}, is_ranked
            order by {{ need }}
            range between unbounded preceding and current row
        ) as weight_up_to,
        sum({{ weight }}) over (partition by {{ keys }}, is_ranked, {{ need }}) as weight_tied
    from flagged

),

placed as (

    select
        * exclude (is_ranked, all_weight, weight_up_to, weight_tied),
        case
            when is_ranked then cast(2 * weight_up_to - weight_tied as double) / (2 * all_weight)
        end as ridit
    from ordered

)

select
    *,
    case when ridit is not null then least(cast(floor(4 * ridit) as integer) + 1, 4) end as need_quarter
from placed
{%- endmacro %}

{# `relation` has a need_quarter. Units whose numerator or denominator is not known are left out of both. #}
{% macro need_quarter_values(relation, by, numerator, denominator) -%}
{%- set keys = by | join(', ') -%}
select
    {{ keys }},
    need_quarter,
    count(*) as n_units,
    sum({{ numerator }}) as numerator,
    sum({{ denominator }}) as denominator,
    cast(sum({{ numerator }}) as double) / nullif(sum({{ denominator }}), 0) as value
from {{ relation }}
where need_quarter is not null and {{ numerator }} is not null and {{ denominator }} is not null
group by {{ keys }}, need_quarter
{%- endmacro %}

{# Null when one of the two quarters has no unit: `quarter_empty`. #}
{% macro need_quarter_gap(relation, by, numerator, denominator) -%}
{%- set keys = by | join(', ') -%}
with quarters as (

    {{ need_quarter_values(relation, by, numerator, denominator) | indent(4) }}

),

ends as (

    select
        {{ keys }},
        max(value) filter (where need_quarter = 1) as least_need,
        max(value) filter (where need_quarter = 4) as most_need
    from quarters
    group by {{ keys }}

)

select
    *,
    most_need - least_need as gap,
    case when most_need is null or least_need is null then 'quarter_empty' end as reason
from ends
{%- endmacro %}
