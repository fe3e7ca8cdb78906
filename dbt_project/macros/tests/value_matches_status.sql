{# A row has a value exactly when its status says so. #}
{% test value_matches_status(model) %}
select facts.*
from {{ model }} as facts
inner join {{ ref('ref_value_statuses') }} as statuses
    on facts.value_status = statuses.value_status
where statuses.has_value <> (facts.value is not null)
{% endtest %}
