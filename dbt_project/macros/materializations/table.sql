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
    {% set an_input_has_changed, is_noted = what_has_changed() if builds_only_changes() else (true, true) %}

    {% if is_compared and not an_input_has_changed %}
        {% call noop_statement("main", "STANDS") %}{% endcall %}
        {{ return({"relations": [target_relation]}) }}
    {% endif %}

    {{ run_hooks(pre_hooks) }}

    {% if model.language == "python" %}
        {# A build killed between is seen: the note is written, and stays, before the old table goes. #}
        {% if not is_noted %}
            {% do run_query(note_change()) %}
        {% endif %}
        {% if is_compared %}
            {% do run_query(remember_content_of(existing_relation)) %}
        {% endif %}
        {% if existing_relation is not none %}
            {% do adapter.drop_relation(existing_relation) %}
        {% endif %}
        {% call statement("main", language="python") %}
            {{- create_table_as(False, target_relation, compiled_code, "python") -}}
        {% endcall %}
        {% if is_compared and not is_noted %}
            {% do run_query(take_change_back_if_as_before(target_relation)) %}
        {% endif %}
    {% else %}
        {% if existing_relation is not none and existing_relation.is_view %}
            {% do adapter.drop_relation(existing_relation) %}
        {% endif %}
        {# One transaction: the table and the note of its change are there, or neither. #}
        {% call statement("main") %}
            {% if not is_noted %}{{ note_change() }};{% endif %}
            {% if is_compared and not is_noted %}{{ remember_content_of(existing_relation) }};{% endif %}
            {{ replace_table(target_relation, compiled_code) }};
            {% if is_compared and not is_noted %}{{ take_change_back_if_as_before(target_relation) }};{% endif %}
        {% endcall %}
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
        insert into {{ relation }} {{ get_column_names() }} ({{ get_select_subquery(compiled_code) }})
    {% else %}
        create or replace table {{ relation }} as ({{ compiled_code }})
    {% endif %}
{% endmacro %}
