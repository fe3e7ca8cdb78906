{#
    Rules a delivered row must keep to be loaded. A rule is (rule, column, expression that is true when the
    rule is broken); `first_broken` names the first broken one as 'rule:column', or null for a sound row.
    Rules speak of columns already parsed into value and status, so that no cell is parsed twice.
#}

{% macro first_broken(rules) -%}
    case
        {%- for rule, column, expression in rules %}
        when {{ expression }} then '{{ rule }}:{{ column }}'
        {%- endfor %}
    end
{%- endmacro %}

{# Counts, sums and means: readable and not negative, unless `low` says otherwise. #}
{% macro number_rules(columns, low=0, high=1000000000) -%}
    {%- set rules = [] -%}
    {%- for column in columns -%}
        {%- do rules.append(('unreadable', column, column ~ "_status = 'unreadable'")) -%}
        {%- do rules.append((
            'impossible_value', column,
            "coalesce(" ~ column ~ " not between " ~ low ~ " and " ~ high ~ ", false)"
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# Shares in percent: readable and between 0 and 100. #}
{% macro share_rules(columns) -%}
    {{ return(number_rules(columns, 0, 100)) }}
{%- endmacro %}

{#
    A figure fits its unit of measure; expects columns `value` and `unit_of_measure`. Costs have no floor of their own:
    corrections between years make single items negative, as the agency reports them.
#}
{% macro measure_rules() -%}
    {%- set bounds = {
        'percent': [0, 100],
        'index_0_10': [0, 10],
        'grade_points': [0, 20],
        'points': [0, 340],
        'count': [0, 1000000000],
        'fte': [0, 1000000000],
        'ratio': [0, 1000000000],
        'sek_per_pupil': [-1000000000, 1000000000],
        'sek_thousands': [-1000000000, 1000000000]
    } -%}
    {%- set rules = [] -%}
    {%- for unit_of_measure, (low, high) in bounds.items() -%}
        {%- do rules.append((
            'impossible_value', 'value',
            "unit_of_measure = '" ~ unit_of_measure ~ "' and coalesce(value not between " ~ low ~ " and " ~ high
            ~ ", false)"
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{# Degrees north and east: readable and on Earth; expects the delivered texts as `delivered_latitude`, … #}
{% macro position_rules() -%}
    {%- set rules = [] -%}
    {%- for column, high in {'latitude': 90, 'longitude': 180}.items() -%}
        {%- do rules.append(('unreadable', column, column ~ ' is null and delivered_' ~ column ~ ' is not null')) -%}
        {%- do rules.append((
            'impossible_value', column,
            'coalesce(' ~ column ~ ' not between -' ~ high ~ ' and ' ~ high ~ ', false)'
        )) -%}
    {%- endfor -%}
    {{ return(rules) }}
{%- endmacro %}

{% macro school_year_rule(column='school_year') -%}
    {{ return([(
        'not_a_school_year', column,
        "coalesce(try_cast(left(" ~ column ~ ", 4) as integer) % 100 + 1, -1) % 100 <> coalesce(try_cast(right("
        ~ column ~ ", 2) as integer), -2) or not coalesce(regexp_full_match(" ~ column ~ ", '[0-9]{4}/[0-9]{2}'), false)"
    )]) }}
{%- endmacro %}

{# A calendar year that figures can be of; `as_delivered` names the column in the delivery. #}
{% macro year_rule(column, as_delivered) -%}
    {{ return([('not_a_year', as_delivered, 'coalesce(' ~ column ~ ' not between 1990 and 2100, true)')]) }}
{%- endmacro %}

{% macro digits_rule(column, digits) -%}
    {{ return([(
        'not_a_code', column,
        "not coalesce(regexp_full_match(" ~ column ~ ", '[0-9]{" ~ digits ~ "}'), false)"
    )]) }}
{%- endmacro %}

{# The municipality is one of the 290; expects a column `is_known_municipality`. #}
{% macro known_municipality_rule() -%}
    {{ return([('unknown_municipality', 'municipality_code', 'not is_known_municipality')]) }}
{%- endmacro %}

{# Somebody else knows the unit; expects a column `is_stray_unit` from `stg_skolverket__unit_codes`. #}
{% macro witnessed_unit_rule() -%}
    {{ return([('unknown_unit', 'unit_code', 'is_stray_unit')]) }}
{%- endmacro %}

{% macro known_organiser_kind_rule() -%}
    {{ return([('unknown_organiser_kind', 'organiser_kind', 'organiser_kind is null')]) }}
{%- endmacro %}

{# Two rows that say different things about the same key: neither is chosen, both are set aside. #}
{% macro one_row_per_rule(key) -%}
    {{ return([(
        'conflicting_rows', key | join('+'),
        "count(*) over (partition by " ~ key | join(', ') ~ ") > 1"
    )]) }}
{%- endmacro %}
