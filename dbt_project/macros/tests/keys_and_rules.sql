{#
    What a table promises, one row for each promise that is broken and the number of rows that break it:

    primary_key   columns that together identify a row; none of them is null
    foreign_keys  column -> the table its values are found in; null refers to nothing
    roles         a role-playing column -> its name in that table (next_unit_key is a unit_key)
    rules         SQL expressions over the columns; one that is null for a row counts as broken

    One test for all promises of a table: a node costs dbt far more than the query costs DuckDB
    (benchmarks/README.md). A table that has a key and nothing else uses `primary_key`.
#}
{% test keys_and_rules(model, primary_key=[], foreign_keys={}, roles={}, rules=[]) %}
{% set promises = [] %}

{% if primary_key %}
{% set promise %}
select
    'primary key {{ primary_key | join(", ") }}' as broken,
    count(*) as row_count
from ({{ rows_breaking_the_key(model, primary_key) }})
{% endset %}
{% do promises.append(promise) %}
{% endif %}

{% for column, dimension in foreign_keys.items() %}
{% set promise %}
select
    '{{ column }}' as broken,
    count(*) as row_count
from {{ model }} as facts
anti join {{ dimension }} as dimension
    on facts.{{ column }} = dimension.{{ roles.get(column, column) }}
where facts.{{ column }} is not null
{% endset %}
{% do promises.append(promise) %}
{% endfor %}

{% if rules %}
{% set promise %}
select
    broken,
    row_count
from (
    select
        {%- for rule in rules %}
        count(*) filter (where not coalesce({{ rule }}, false)) as "{{ rule | replace('"', '""') }}"
        {{- "," if not loop.last }}
        {%- endfor %}
    from {{ model }}
) unpivot (row_count for broken in (columns(*)))
{% endset %}
{% do promises.append(promise) %}
{% endif %}

select
    broken,
    row_count
from ({{ promises | join("\nunion all\n") }})
where row_count > 0
{% endtest %}
