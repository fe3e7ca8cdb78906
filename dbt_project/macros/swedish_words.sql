{# A month of a date in words, as the board reads it: `november 2026`. #}
{% macro month_in_words(date) -%}
    list_extract(
        [
            'januari', 'februari', 'mars', 'april', 'maj', 'juni', 'juli', 'augusti', 'september', 'oktober',
            'november', 'december'
        ],
        cast(month({{ date }}) as integer)
    ) || ' ' || cast(year({{ date }}) as varchar)
{%- endmacro %}

{# A part of a whole in whole percent, as text; both are integers. #}
{% macro percent_in_words(part, whole) -%}
    cast(cast(round(100.0 * {{ part }} / nullif({{ whole }}, 0)) as integer) as varchar) || ' procent'
{%- endmacro %}
