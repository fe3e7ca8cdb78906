{#
    The agencies' cells as (value, status) pairs.

    Skolverket writes numbers with a decimal comma and thousands spaces, and puts a symbol where a number
    is not shown. A symbol is never 0 and never a bare null: its meaning is kept beside the empty value.

        reported              a number
        approximate           a number given as "cirka 270"
        rounded_100           ~100: one to four pupils did not reach the level
        suppressed            ..   too few pupils or teachers
        suppressed_majority   ...  hidden so that the few left out cannot be computed
        missing               .    the figure does not exist
        not_reported          -    the unit did not meet the reporting rules
        not_applicable        *    the group is exempt from the requirement
        not_delivered         the cell is empty or the column was not delivered
        unreadable            anything else: the row goes to quarantine
#}

{% macro bare_number(column) -%}
    replace(regexp_replace(lower({{ column }}), '^cirka|[\s\x{00A0}\x{202F}]', '', 'g'), ',', '.')
{%- endmacro %}

{% macro published_value(column) -%}
    case
        when regexp_full_match({{ bare_number(column) }}, '-?[0-9]{1,12}([.][0-9]{1,6})?')
            then cast({{ bare_number(column) }} as decimal(18, 4))
    end
{%- endmacro %}

{% macro published_status(column) -%}
    case
        when {{ column }} is null then 'not_delivered'
        when {{ column }} = '.' then 'missing'
        when {{ column }} = '..' then 'suppressed'
        when {{ column }} in ('...', '…') then 'suppressed_majority'
        when {{ column }} = '~100' then 'rounded_100'
        when {{ column }} = '-' then 'not_reported'
        when {{ column }} = '*' then 'not_applicable'
        when regexp_full_match({{ bare_number(column) }}, '-?[0-9]{1,12}([.][0-9]{1,6})?')
            then case when lower({{ column }}) like 'cirka%' then 'approximate' else 'reported' end
        else 'unreadable'
    end
{%- endmacro %}

{# Two columns of a select list: the value and its status. #}
{% macro value_and_status(column, name=none) -%}
    {{ published_value(column) }} as {{ name or column }},
    {{ published_status(column) }} as {{ name or column }}_status
{%- endmacro %}
