{# A row has a value exactly when its status is ok. #}
{% test value_only_when_ok(model) %}
select *
from {{ model }}
where (status = 'ok') <> (value is not null)
{% endtest %}
