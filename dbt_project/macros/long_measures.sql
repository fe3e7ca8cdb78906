{#
    Turns (value, status) pairs of columns into rows, one per key and measure; null values are kept.
    `pairs` maps a column to the measure it delivers, `base` is the column with the measure's base count.
#}
{% macro long_measures(relation, keys, pairs, base=none) -%}
    select
        {{ keys | join(',\n        ') }},
        measure_id,
        value,
        value_status,
        {{ base or 'cast(null as decimal(18, 4))' }} as base_count
    from {{ relation }}
    unpivot include nulls (
        (value, value_status) for measure_id in (
            {%- for column, measure_id in pairs.items() %}
            ({{ column }}, {{ column }}_status) as '{{ measure_id }}'{{ ',' if not loop.last }}
            {%- endfor %}
        )
    )
{%- endmacro %}
