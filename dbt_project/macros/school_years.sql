{# School year ('2024/25') that a date falls in; 1 July starts a new one. #}
{% macro school_year_of(date) -%}
    case
        when month({{ date }}) >= 7
            then
                cast(year({{ date }}) as varchar) || '/'
                || lpad(cast((year({{ date }}) + 1) % 100 as varchar), 2, '0')
        else
            cast(year({{ date }}) - 1 as varchar) || '/'
            || lpad(cast(year({{ date }}) % 100 as varchar), 2, '0')
    end
{%- endmacro %}

{# School year that starts in the autumn of a calendar year (an integer expression). #}
{% macro school_year_from_autumn(year) -%}
    cast({{ year }} as varchar) || '/' || lpad(cast(({{ year }} + 1) % 100 as varchar), 2, '0')
{%- endmacro %}

{# Calendar year in which a school year starts, as an integer. #}
{% macro autumn_of(school_year) -%}
    cast(left({{ school_year }}, 4) as integer)
{%- endmacro %}
