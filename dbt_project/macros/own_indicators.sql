{#
    Indicators of own data: what their models have in common.

    `pupil_group_ids` is one row per group the pupil belongs to, as a column of a select list: `all`, and one
    group of each dimension. `pupil` is a row of dim_pupil_year, joined from the left: a pupil who was not
    there on 15 October is in the unknown of every dimension, and so are persons with protected identity.

    `unit_and_above` groups by `unit_key`, `area_key` and `municipality_code` at once; `entity_columns` then says
    which of the three a row is about. A unit without an area is in none, and a unit whose municipality is not
    known is a unit of none.
#}

{% macro pupil_group_ids(pupil) -%}
    unnest([
        'all',
        'sex_' || coalesce({{ pupil }}.sex, 'unknown'),
        'parents_' || coalesce({{ pupil }}.parents_education, 'unknown'),
        case {{ pupil }}.foreign_background
            when 'yes' then 'background_foreign'
            when 'no' then 'background_swedish'
            else 'background_unknown'
        end,
        'newly_arrived_' || coalesce({{ pupil }}.newly_arrived, 'unknown')
    ])
{%- endmacro %}

{% macro entity_columns(relation) -%}
    case
        when grouping({{ relation }}.unit_key) = 0 then 'unit'
        when grouping({{ relation }}.area_key) = 0 then 'area'
        else 'municipality'
    end as entity_type,
    coalesce({{ relation }}.unit_key, {{ relation }}.area_key, {{ relation }}.municipality_code) as entity_key,
    {{ relation }}.municipality_code
{%- endmacro %}

{% macro unit_and_above(relation, columns) -%}
    group by grouping sets (
        (
            {{ relation }}.municipality_code,
            {%- for column in columns %}
            {{ relation }}.{{ column }},
            {%- endfor %}
            {{ relation }}.unit_key
        ),
        (
            {{ relation }}.municipality_code,
            {%- for column in columns %}
            {{ relation }}.{{ column }},
            {%- endfor %}
            {{ relation }}.area_key
        ),
        (
            {{ relation }}.municipality_code
            {%- for column in columns %},
            {{ relation }}.{{ column }}
            {%- endfor %}
        )
    )
    having
        case
            when grouping({{ relation }}.unit_key) = 0 then true
            when grouping({{ relation }}.area_key) = 0 then {{ relation }}.area_key is not null
            else {{ relation }}.municipality_code is not null
        end
{%- endmacro %}
