{#
dbt-duckdb's own `table` builds beside the old table, renames both and drops the old one after its commit. DuckDB
replaces a table in one statement and takes it back with the transaction if anything fails: the other five
statements were a quarter of a build's time, most of it in dbt and not in DuckDB (benchmarks/README.md).

A Python model writes in statements of its own, outside a transaction: the old table is dropped before.
Left out is what this project does not use: grants, indexes, foreign keys, DuckLake.
#}
{% materialization table, adapter="duckdb", supported_languages=["sql", "python"] %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type="table") %}
    {% set is_compared = builds_only_changes() and existing_relation is not none and existing_relation.is_table %}

    {% if is_compared and not has_changed(model.depends_on.nodes) %}
        {% call noop_statement("main", "STANDS") %}{% endcall %}
        {{ return({"relations": [target_relation]}) }}
    {% endif %}

    {{ run_hooks(pre_hooks) }}

    {% set is_new_change = builds_only_changes() and not has_changed([model.unique_id]) %}
    {% if is_new_change %}
        {% set before = content_of(existing_relation) if is_compared %}
        {% do run_query(note_change()) %}
    {% endif %}
    {% if existing_relation is not none and (existing_relation.is_view or model.language == "python") %}
        {% do adapter.drop_relation(existing_relation) %}
    {% endif %}
    {% call statement("main", language=model.language) %}
        {% if model.language == "python" %}
            {{- create_table_as(False, target_relation, compiled_code, "python") -}}
        {% else %}
            {{- replace_table(target_relation, compiled_code) -}}
        {% endif %}
    {% endcall %}
    {% if is_new_change and is_compared and content_of(target_relation) == before %}
        {% do run_query(take_change_back()) %}
    {% endif %}

    {{ run_hooks(post_hooks) }}

    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}

    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}

{# The statements that replace a table by a query's rows, in the columns its contract names where there is one. #}
{% macro replace_table(relation, compiled_code) %}
    {% if config.get("contract").enforced %}
        {{ get_assert_columns_equivalent(compiled_code) }}
        create or replace table {{ relation }} {{ get_table_columns_and_constraints() }};
        insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }});
    {% else %}
        create or replace table {{ relation }} as ({{ compiled_code }});
    {% endif %}
{% endmacro %}
