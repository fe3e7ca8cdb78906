{#
A build of what has changed goes no further than the changes do: a table whose inputs came out row for row as they
were is not built again. `raw.build_changes` holds what has changed since the last build that succeeded as a whole:
sources (written before dbt starts) and models. Only the pipeline's daily build asks it (EQUITY_BUILD); whoever runs
dbt by hand has everything built that he selected.
#}
{% macro builds_only_changes() %}
    {{ return(env_var("EQUITY_BUILD", "everything") == "changes") }}
{% endmacro %}

{# Whether any of these, by unique id, has changed. #}
{% macro has_changed(nodes) %}
    {% set changed = run_query(
        "select count(*) from raw.build_changes where node in ('" ~ nodes | join("', '") ~ "')"
    ) %}
    {{ return(changed.columns[0].values()[0] > 0) }}
{% endmacro %}

{# A fingerprint of a table's rows in any order. #}
{% macro content_of(relation) %}
    {% set content = run_query("select count(*), sum(cast(hash(t) as hugeint)) from " ~ relation ~ " as t") %}
    {{ return(content.rows[0].values() | list | string) }}
{% endmacro %}

{#
Noted before a table is replaced, and taken back if it came out the same: a build killed between is seen. What an
unfinished build noted is not taken back: what hangs on it was not built.
#}
{% macro note_change() %}
    insert into raw.build_changes values ('{{ model.unique_id }}')
{% endmacro %}

{% macro take_change_back() %}
    delete from raw.build_changes where node = '{{ model.unique_id }}'
{% endmacro %}
