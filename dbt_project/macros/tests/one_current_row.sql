{# Every key has exactly one row with the flag set. #}
{% test one_current_row(model, key, flag) %}
select {{ key }}
from {{ model }}
group by {{ key }}
having count(*) filter (where {{ flag }}) <> 1
{% endtest %}
