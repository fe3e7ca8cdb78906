{#
    Indicators of own data: what their models have in common.

    `pupil_group_ids` is one row per group the pupil belongs to, as a column of a select list: `all`, and one
    group of each dimension. `pupil` is a row of dim_pupil_year, joined from the left: a pupil who was not
    there on 15 October is in the unknown of every dimension, and so are persons with protected identity.

    `unit_and_municipality` groups by `unit_key` and `municipality_code` at once; `entity_columns` then says
    which of the two a row is about. A unit whose municipality is not known is a unit of none.
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
    case when grouping({{ relation }}.unit_key) = 1 then 'municipality' else 'unit' end as entity_type,
    coalesce({{ relation }}.unit_key, {{ relation }}.municipality_code) as entity_key,
    {{ relation }}.municipality_code
{%- endmacro %}

{% macro unit_and_municipality(relation, columns) -%}
    group by grouping sets (
        (
            {{ relation }}.municipality_code,
            {%- for column in columns %}
            {{ relation }}.{{ column }},
            {%- endfor %}
            {{ relation }}.unit_key
        ),
        (
            {{ relation }}.municipality_code
            {%- for column in columns %},
            {{ relation }}.{{ column }}
            {%- endfor %}
        )
    )
    having grouping({{ relation }}.unit_key) = 0 or {{ relation }}.municipality_code is not null
{%- endmacro %}
