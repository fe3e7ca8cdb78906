{#
    The primary rules of disclosure control for one audience, on integers where it matters.

    `disclosure_thresholds` is a CTE body: one row per level with its thresholds as columns.
    `primary_suppression` is the reason why one figure must not be shown, or null:

        agency       a source hid it, though another may show it
        too_few      it rests on fewer pupils, answers or full-time teachers than the threshold
        rounded_100  one to four pupils did not reach the level: a rounded share with a known base is a count

    It expects base_count, value, hidden_status, count_basis, not_reached_is_sensitive and the thresholds.
#}

{% macro disclosure_thresholds(audience) -%}
    select
        entity_type,
        max(threshold) filter (where rule = 'minimum_pupils') as minimum_pupils,
        max(threshold) filter (where rule = 'minimum_teachers') as minimum_teachers,
        max(threshold) filter (where rule = 'maximum_not_reached') as maximum_not_reached,
        max(threshold) filter (where rule = 'minimum_hidden_units') as minimum_hidden_units
    from {{ ref('thr_disclosure') }}
    where audience = '{{ audience }}'
    group by entity_type
{%- endmacro %}

{# A CTE body: one row per audience and level, for figures that are protected as cells of linked tables. #}
{% macro disclosure_thresholds_of_all_audiences() -%}
    select
        audience,
        entity_type,
        {% for rule in [
            'minimum_pupils', 'minimum_teachers', 'maximum_not_reached', 'maximum_category', 'coalition',
            'maximum_percent_hidden',
            'protection_below', 'protection_above', 'protection_width', 'protection_percent',
            'minimum_hidden_units', 'weight_all', 'weight_group',
        ] -%}
        max(threshold) filter (where rule = '{{ rule }}') as {{ rule }}{{ ',' if not loop.last }}
        {% endfor -%}
    from {{ ref('thr_disclosure') }}
    where entity_type in ('unit', 'area', 'municipality')
    group by audience, entity_type
{%- endmacro %}

{# What nothing can exceed: LARGEST_VALUE of dagster_project/lib/disclosure/cells.py. #}
{% macro largest_cell_value() -%}
    35184372088832
{%- endmacro %}

{% macro primary_suppression() -%}
    case
        when hidden_status is not null then 'agency'
        when value is null then null
        when count_basis in ('pupils', 'answers') and base_count < minimum_pupils then 'too_few'
        when count_basis in ('teachers_fte', 'teachers_heads') and base_count < minimum_teachers then 'too_few'
        when
            not_reached_is_sensitive
            and round(base_count * (100 - value) / 100) between 1 and maximum_not_reached
            then 'rounded_100'
    end
{%- endmacro %}

{# A statistic over units, some of which are hidden: one or two of them could be computed from it. #}
{% macro hidden_units_suppression(hidden_units, base, minimum) -%}
    case
        when {{ hidden_units }} between 1 and minimum_hidden_units - 1 then 'hidden_units'
        when {{ base }} < {{ minimum }} then 'too_few'
    end
{%- endmacro %}

{#
    Own data's rows of one audience as a CTE body with the columns of pub_indicators. Numerator, denominator,
    value, interval and coverage are shown together or not at all.
#}
{% macro own_indicator_rows(audience) -%}
    select
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        group_id,
        case when value is not null and suppression is null then numerator end as numerator,
        case when value is not null and suppression is null then denominator end as denominator,
        case when suppression is null then round(value, 6) end as value,
        case when suppression is null then round(interval_low, 6) end as interval_low,
        case when suppression is null then round(interval_high, 6) end as interval_high,
        case when suppression is null then verdict end as verdict,
        case when suppression is null then round(coverage, 6) end as coverage,
        case when value is not null and suppression is not null then 'suppressed' else status end as status,
        case when value is not null then suppression end as suppression,
        n_units,
        cast(null as double) as national_value,
        cast(null as double) as similar_value,
        cast(null as bigint) as similar_count,
        break_in_series,
        method_version,
        is_made_up
    from {{ ref('ind_own_indicators') }}
    where audience = '{{ audience }}'
{%- endmacro %}

{#
    Own data's suppression of one audience as a CTE body with the columns of pub_suppression_log.

    It tells how many rows are hidden, which every reader can count, and never which of them for their own
    sake. The share lost is one of rows: the weights of the solver depend on the hidden figures.
#}
{% macro suppression_log_rows(audience) -%}
    select
        own.indicator_id,
        own.entity_type,
        groups.dimension,
        count(*) as figures,
        count(own.suppression) as hidden,
        count(own.refusal) as refused,
        round(cast(count(own.suppression) as double) / nullif(count(*), 0), 6) as share_hidden,
        case max(own.refusal)
            when 'cannot_be_protected' then
                'Någon uppgift i indelningen kan räknas fram hur mycket som än döljs.'
            when 'known_already' then 'Uppgifterna är redan kända från annat håll.'
            when 'out_of_time' then 'Skyddet hann inte beräknas.'
            when 'not_proven' then 'Det gick inte att bevisa att uppgifterna är skyddade.'
        end as refused_why_sv
    from {{ ref('ind_own_indicators') }} as own
    inner join {{ ref('dim_group') }} as groups
        on own.group_id = groups.group_id
    where own.audience = '{{ audience }}' and own.value is not null
    group by own.indicator_id, own.entity_type, groups.dimension
{%- endmacro %}

{#
    A sole trader's organisation number is a personal identity number. Only a legal person's has 20 or more
    where the month of birth would stand.
#}
{% macro is_of_legal_person(column) -%}
    substr({{ column }}, 3, 2) >= '20'
{%- endmacro %}
