{# The columns (or expressions) together identify a row, and none of them is null. On a column: it alone. #}
{% test primary_key(model, columns=none, column_name=none) %}
{{ rows_breaking_the_key(model, columns or [column_name]) }}
{% endtest %}

{% macro rows_breaking_the_key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endmacro %}
