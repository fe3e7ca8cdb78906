{#
    The municipality's own deliveries: text that the reader has normalised (ISO dates, decimal points, true or
    false), as types. `types` maps a column to its type.

    The reader judges form; the rules here judge what a row says beside the rest of the warehouse and beside
    its own other cells. A cell that does not cast is set aside all the same: a null would say "not known".
#}

{#
    Columns of a select list over `source`, and `unreadable_column`: the first column that does not cast.
    `expressions` maps a column of type varchar to another expression than the cell's own text.
#}
{% macro delivered_columns(types, expressions={}) -%}
    {%- for column, type in types.items() %}
        {%- if column in expressions %}
        {{ expressions[column] }} as {{ column }},
        {%- elif type == 'varchar' %}
        nullif(source.{{ column }}, '') as {{ column }},
        {%- else %}
        try_cast(nullif(source.{{ column }}, '') as {{ type }}) as {{ column }},
        {%- endif %}
    {%- endfor %}
        case
            {%- for column, type in types.items() if type != 'varchar' %}
            when
                nullif(source.{{ column }}, '') is not null
                and try_cast(source.{{ column }} as {{ type }}) is null
                then '{{ column }}'
            {%- endfor %}
        end as unreadable_column
{%- endmacro %}

{% macro delivered_rules(types) -%}
    {%- set rules = [] -%}
    {%- for column, type in types.items() if type != 'varchar' -%}
        {%- do rules.append(('unreadable', column, "unreadable_column = '" ~ column ~ "'")) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# The unit is one the warehouse knows; expects a column `is_known_unit`. #}
{% macro known_unit_rule() -%}
    {{ return([('unknown_unit', 'unit_code', 'not is_known_unit')]) }}
{%- endmacro %}

{# The school form is one the warehouse knows; expects `school_form` looked up in `ref_school_forms`. #}
{% macro known_school_form_rule() -%}
    {{ return([('unknown_school_form', 'school_form', 'school_form is null')]) }}
{%- endmacro %}

{# A period does not end before it starts. #}
{% macro ordered_rule(first, last) -%}
    {{ return([('dates_reversed', last, last ~ " < " ~ first)]) }}
{%- endmacro %}

{# A part is not larger than what it is a part of. #}
{% macro part_rule(part, whole) -%}
    {{ return([('part_exceeds_whole', part, part ~ " > " ~ whole)]) }}
{%- endmacro %}

{# A day lies in the school year the row says it is about. #}
{% macro within_school_year_rule(column) -%}
    {{ return([(
        'outside_school_year', column, school_year_of(column) ~ " <> school_year"
    )]) }}
{%- endmacro %}

{# An outcome has a day, and the day is after the start; who is still studying has none. #}
{% macro outcome_rule() -%}
    {{ return([
        ('outcome_without_date', 'outcome_on', "outcome in ('examen', 'studiebevis') and outcome_on is null"),
        ('dates_reversed', 'outcome_on', "outcome_on < make_date(start_year, 7, 1)")
    ]) }}
{%- endmacro %}

{# Of the rows that several deliveries have about the same key, the latest delivered one. #}
{% macro latest_delivered(key) -%}
    row_number() over (
        partition by {{ key | join(', ') }}
        order by delivered_at desc, extract_id desc, row_number desc
    ) = 1
{%- endmacro %}
