{# A view replaced in one statement; see `table.sql` for why. It has changed when anything it reads has. #}
{% materialization view, adapter="duckdb" %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type="view") %}

    {{ run_hooks(pre_hooks) }}

    {% if builds_only_changes() and has_changed(model.depends_on.nodes) %}
        {% do run_query(note_change()) %}
    {% endif %}
    {% if existing_relation is not none and not existing_relation.is_view %}
        {% do adapter.drop_relation(existing_relation) %}
    {% endif %}
    {% call statement("main") %}
        create or replace view {{ target_relation }} as ({{ sql }})
    {% endcall %}

    {{ run_hooks(post_hooks) }}

    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}

    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
