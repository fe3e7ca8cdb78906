{#
    Every row keeps the rules, SQL expressions over its columns; a rule that is null for a row counts as broken. One
    row per broken rule. One test for all rules of a table, as for foreign keys.
#}
{% test rules_hold(model, rules) %}
with counted as (
    select
        {%- for rule in rules %}
        count(*) filter (where not coalesce({{ rule }}, false)) as "{{ rule | replace('"', '""') }}"
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ model }}
)

select broken, row_count
from counted unpivot (row_count for broken in (columns(*)))
where row_count > 0
{% endtest %}
