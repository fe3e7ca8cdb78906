{#
    Every value of the columns is found in the table it refers to; null refers to nothing. `keys` maps a column to
    that table, `roles` a role-playing column to its name there (next_unit_key is a unit_key). One row per broken key.

    One test for all keys of a table: a node costs dbt far more than the join costs DuckDB (benchmarks/README.md).
#}
{% test foreign_keys(model, keys, roles={}) %}
{% for column, dimension in keys.items() %}
select '{{ column }}' as broken, count(*) as row_count
from {{ model }} as facts
anti join {{ dimension }} as dimension on facts.{{ column }} = dimension.{{ roles.get(column, column) }}
where facts.{{ column }} is not null
having count(*) > 0
{% if not loop.last %}union all{% endif %}
{% endfor %}
{% endtest %}
