{# A view replaced in one statement; see `table.sql` for why. It has changed when anything it reads has. #}
{% materialization view, adapter="duckdb" %}
    {% set existing_relation = load_cached_relation(this) %}
    {% set target_relation = this.incorporate(type="view") %}

    {{ run_hooks(pre_hooks) }}

    {% if existing_relation is not none and not existing_relation.is_view %}
        {% do adapter.drop_relation(existing_relation) %}
    {% endif %}
    {% call statement("main") %}
        {% if builds_only_changes() %}{{ note_change_if_an_input_has_changed() }};{% endif %}
        create or replace view {{ target_relation }} as ({{ sql }})
    {% endcall %}

    {{ run_hooks(post_hooks) }}

    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}

    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
