{#
    Do resources and competence go where need is greatest? One row per set of units: the concentration index
    and the slope over ridits from least to most need (macro ridits), weighted by pupils. A CTE body; `by`
    never null.

        concentration_index     C; < 0: concentrated where need is least, > 0: where it is greatest
        generalised_index       mean x C, for money
        erreygers_index         4 x mean x C, for shares from 0 to 1 (Erreygers 2006); `share=true` adds both
        wagstaff_index          C / (1 - mean), for shares (Wagstaff 2005, doi 10.1002/hec.953)
        slope_index             SII: predicted at most need minus predicted at least need
        relative_index          RII: the former over the latter

    C = 2 var(ridit) SII / mean. HC1 errors of the slope need the residuals: lib/statistics/concentration.
    Undefined figures are null; `index_reason`, `slope_reason`, `relative_reason` say why: `few_units` (under
    3), `zero_mean`, `equal_need`, `intercept_not_positive`. A unit whose need or outcome is not known is left
    out, and `coverage` is the share of pupils that remain.
#}
{% macro concentration(relation, by, need, outcome, weight, share=false) -%}
{%- set keys = by | join(', ') -%}
with known as (

    select
        {{ keys }},
        cast({{ outcome }} as double) as outcome,
        {{ weight }} as weight,
        case when {{ outcome }} is not null then {{ need }} end as need
    from {{ relation }}

),

ranked as (

    {{ ridits('known', by, 'need', 'weight') | indent(4) }}

),

weighed as (

    select
        *,
        sum(weight) over (partition by {{ keys }}) as delivered_weight,
        sum(weight * outcome) filter (where ridit is not null) over (partition by {{ keys }})
        / nullif(sum(weight) filter (where ridit is not null) over (partition by {{ keys }}), 0)
            as mean_outcome
    from ranked

),

summed as (

    select
        {{ keys }},
        count(ridit) as n_units,
        coalesce(sum(weight) filter (where ridit is not null), 0)
        / nullif(cast(max(delivered_weight) as double), 0) as coverage,
        max(mean_outcome) as mean_outcome,
        sum(weight * pow(ridit - 0.5, 2)) / nullif(sum(weight) filter (where ridit is not null), 0)
            as ridit_variance,
        -- Equal outcomes have no slope, whatever their mean is rounded to.
        case
            when
                max(outcome) filter (where ridit is not null) > min(outcome) filter (where ridit is not null)
                then
                    sum(weight * (outcome - mean_outcome) * (ridit - 0.5))
                    / nullif(sum(weight) filter (where ridit is not null), 0)
            when count(ridit) > 0 then 0
        end as covariance
    from weighed
    group by {{ keys }}

),

fitted as (

    select
        *,
        case when n_units >= 3 then 2 * covariance / nullif(mean_outcome, 0) end as concentration_index,
        case when n_units >= 3 then covariance / nullif(ridit_variance, 0) end as slope_index
    from summed

),

predicted as (

    select
        *,
        mean_outcome - slope_index / 2 as predicted_least_need,
        mean_outcome + slope_index / 2 as predicted_most_need
    from fitted

)

select
    {{ keys }},
    n_units,
    coverage,
    mean_outcome,
    concentration_index,
    mean_outcome * concentration_index as generalised_index,
    {%- if share %}
    4 * mean_outcome * concentration_index as erreygers_index,
    concentration_index / nullif(1 - mean_outcome, 0) as wagstaff_index,
    {%- endif %}
    ridit_variance,
    slope_index,
    predicted_least_need,
    predicted_most_need,
    case when predicted_least_need > 0 then predicted_most_need / predicted_least_need end as relative_index,
    case
        when n_units < 3 then 'few_units'
        when mean_outcome = 0 then 'zero_mean'
    end as index_reason,
    case
        when n_units < 3 then 'few_units'
        when ridit_variance = 0 then 'equal_need'
    end as slope_reason,
    case
        when n_units < 3 then 'few_units'
        when ridit_variance = 0 then 'equal_need'
        when predicted_least_need <= 0 then 'intercept_not_positive'
    end as relative_reason
from predicted
{%- endmacro %}
