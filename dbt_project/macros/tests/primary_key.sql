{# The columns (or expressions) together identify a row, and none of them is null. On a column: it alone. #}
{% test primary_key(model, columns=none, column_name=none) %}
{% set key = columns or [column_name] %}
select {{ key | join(', ') }}, count(*) as row_count
from {{ model }}
group by {{ key | join(', ') }}
having count(*) > 1 or {{ key | join(' is null or ') }} is null
{% endtest %}
