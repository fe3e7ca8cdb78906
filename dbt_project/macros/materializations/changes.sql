{#
A build of what has changed goes no further than the changes do: a table whose inputs came out row for row as they
were is not built again. `raw.build_changes` holds what has changed since the last build that succeeded as a whole:
sources (written before dbt starts) and models. Only the pipeline's daily build asks it (EQUITY_BUILD); whoever runs
dbt by hand has everything built that he selected.

A question to the database costs dbt more than it costs DuckDB, so what belongs together is one statement.
#}
{% macro builds_only_changes() %}
    {{ return(env_var("EQUITY_BUILD", "everything") == "changes") }}
{% endmacro %}

{# Whether anything the model reads has changed, and whether the model itself is noted: two truth values. #}
{% macro what_has_changed() %}
    {% set found = run_query(
        "select"
        " count(*) filter (where node in ('" ~ model.depends_on.nodes | join("', '") ~ "')) > 0,"
        " count(*) filter (where node = '" ~ model.unique_id ~ "') > 0"
        " from raw.build_changes"
    ) %}
    {{ return(found.rows[0].values()) }}
{% endmacro %}

{# A fingerprint of a table's rows in any order, as an expression. #}
{% macro content_of(relation) -%}
    (select [count(*), coalesce(sum(cast(hash(t) as hugeint)), 0)] from {{ relation }} as t)
{%- endmacro %}

{# What an unfinished build noted is not taken back: what hangs on it was not built. #}
{% macro note_change() %}
    insert into raw.build_changes values ('{{ model.unique_id }}')
{% endmacro %}

{% macro note_change_if_an_input_has_changed() %}
    insert into raw.build_changes
    select '{{ model.unique_id }}'
    where exists (
        select 1 from raw.build_changes
        where node in ('{{ model.depends_on.nodes | join("', '") }}')
    )
{% endmacro %}

{# Statements around those that replace a table: its note is taken back if it came out as it was. #}
{% macro remember_content_of(relation) %}
    set variable content_before = {{ content_of(relation) }}
{% endmacro %}

{% macro take_change_back_if_as_before(relation) %}
    delete from raw.build_changes
    where node = '{{ model.unique_id }}' and getvariable('content_before') = {{ content_of(relation) }}
{% endmacro %}
