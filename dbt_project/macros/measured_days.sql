{# The day on which pupils and staff are counted: 15 October of the school year. #}
{% macro october_15(school_year) -%}
    make_date({{ autumn_of(school_year) }}, 10, 15)
{%- endmacro %}

{# The school year a number of years later (or earlier, below zero). #}
{% macro school_years_later(school_year, years) -%}
    {{ school_year_from_autumn('(' ~ autumn_of(school_year) ~ ' + ' ~ years ~ ')') }}
{%- endmacro %}
