{#
    Records of the municipality's own systems (SS 12000): every delivered version stands in `base_*`, and `stg_*`
    keeps one. A superseded version is no rejected row.

    A record is (key, meta_modified, fetched_at, extract_id, row_number). Dates are local, instants are UTC.
#}

{# An RFC 3339 instant; text without an offset is Swedish local time. #}
{% macro instant(column) -%}
    case
        when regexp_matches({{ column }}, '([Zz]|[+-][0-9]{2}:?[0-9]{2})$') then try_cast({{ column }} as timestamptz)
        else timezone('Europe/Stockholm', try_cast({{ column }} as timestamp))
    end
{%- endmacro %}

{# The day and time in Sweden of an instant. #}
{% macro local_time(column) -%}
    timezone('Europe/Stockholm', {{ column }})
{%- endmacro %}

{# Whether a delivered value is one of the standard's: it is kept as delivered either way. #}
{% macro enum_status(column, values) -%}
    case
        when nullif({{ column }}, '') is null then 'not_delivered'
        when {{ column }} in ('{{ values | join("', '") }}') then 'known'
        else 'unknown'
    end
{%- endmacro %}

{# Without these the row says nothing. #}
{% macro needed_rule(columns) -%}
    {%- set rules = [] -%}
    {%- for column in columns -%}
        {%- do rules.append(('missing_value', column, column ~ ' is null')) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# What the row refers to has been delivered and is sound; expects a column `is_known_<what>`. #}
{% macro reference_rule(what, column) -%}
    {{ return([('unknown_' ~ what, column, 'not is_known_' ~ what)]) }}
{%- endmacro %}

{# A whole number within bounds; null is not known. #}
{% macro bounds_rules(columns, low, high) -%}
    {%- set rules = [] -%}
    {%- for column in columns -%}
        {%- do rules.append((
            'impossible_value', column,
            'coalesce(' ~ column ~ ' not between ' ~ low ~ ' and ' ~ high ~ ', false)'
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# What has happened does not lie in the future; expects a column `as_of_on`. A plan lies two years ahead at most. #}
{% macro future_rule(column) -%}
    {{ return([('future_date', column, column ~ ' > as_of_on + 1')]) }}
{%- endmacro %}

{% macro planned_rule(column) -%}
    {{ return([('future_date', column, column ~ ' > as_of_on + 731')]) }}
{%- endmacro %}

{# Of all versions of the same record the one modified last; of equals the one fetched last. #}
{% macro latest_version(key) -%}
    row_number() over (
        partition by {{ key | join(', ') }}
        order by meta_modified desc nulls last, fetched_at desc, extract_id desc, row_number desc
    ) = 1
{%- endmacro %}

{# The last deletion of each record of one kind, as a CTE body. #}
{% macro deletions(entity_type) -%}
    select
        id,
        max(deleted_at) as deleted_at
    from {{ ref('stg_ss12000__deleted_entities') }}
    where entity_type = '{{ entity_type }}'
    group by id
{%- endmacro %}

{# True for a record that was not deleted, or was modified after it was. #}
{% macro still_there() -%}
    deleted.id is null or coalesce(versions.meta_modified, versions.fetched_at) > deleted.deleted_at
{%- endmacro %}
