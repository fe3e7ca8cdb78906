{#
    Differences between units and within them. Each macro is the body of a CTE; `by` lists the columns that
    tell one set of units from the next, never null.

        unit_moments   one row per set and unit, from pupils: all that ANOVA and REML need
        anova          one row per set, from pupils: the intraclass correlation and its sums of squares
        anova_of_moments   the same, from the rows of unit_moments
        spread         one row per set, from units or pupils: mean, SD, percentiles, how many lie below
        weighted_sd    one row per set, from units: the SD of unit means weighted by pupils
#}

{# `squares_within` is the sum of squared deviations from the unit's own mean. Null values are left out. #}
{% macro unit_moments(relation, by, unit, value) -%}
{%- set keys = by | join(', ') -%}
select
    {{ keys }},
    {{ unit }} as unit,
    count(*) as n_pupils,
    -- In an order of their own: the last bits of a sum depend on it.
    avg(cast({{ value }} as double) order by {{ value }}) as mean_value,
    var_pop(cast({{ value }} as double) order by {{ value }}) * count(*) as squares_within,
    min({{ value }}) as lowest,
    max({{ value }}) as highest
from {{ relation }}
where {{ value }} is not null
group by {{ keys }}, {{ unit }}
{%- endmacro %}

{#
    One-way ANOVA with n0, the size of units that stands for unequal ones. `icc_raw` may be negative and is
    kept; `icc` is then 0: no difference between units to be seen. Never call eta squared an ICC: it is biased
    upwards in small units. Reasons: `one_unit`, `one_pupil_per_unit`, `no_variation`. A set without values
    has no row.
#}
{% macro anova(relation, by, unit, value) -%}
with moments as (

    {{ unit_moments(relation, by, unit, value) | indent(4) }}

),

analysed as (

    {{ anova_of_moments('moments', by) | indent(4) }}

)

select * from analysed
{%- endmacro %}

{# The same from one row per unit, as unit_moments gives them. #}
{% macro anova_of_moments(relation, by) -%}
{%- set keys = by | join(', ') -%}
with centred as (

    select
        *,
        sum(n_pupils) over (partition by {{ keys }}) as set_pupils,
        sum(n_pupils * mean_value) over (partition by {{ keys }})
        / sum(n_pupils) over (partition by {{ keys }}) as set_mean
    from {{ relation }}

),

summed as (

    select
        {{ keys }},
        cast(sum(n_pupils) as bigint) as n_pupils,
        count(*) as n_units,
        max(set_mean) as grand_mean,
        -- Equal values have no variance, whatever their mean is rounded to.
        case
            when max(highest) > min(lowest) then sum(n_pupils * pow(mean_value - set_mean, 2)) else 0
        end as squares_between,
        case when max(highest) > min(lowest) then sum(squares_within) else 0 end as squares_within,
        (sum(n_pupils) - sum(n_pupils * n_pupils) / cast(sum(n_pupils) as double))
        / nullif(count(*) - 1, 0) as typical_size
    from centred
    group by {{ keys }}

),

judged as (

    select
        *,
        squares_between / nullif(n_units - 1, 0) as mean_square_between,
        squares_within / nullif(n_pupils - n_units, 0) as mean_square_within,
        case
            when n_units = 1 then 'one_unit'
            when n_pupils = n_units then 'one_pupil_per_unit'
            when squares_between + squares_within = 0 then 'no_variation'
        end as reason
    from summed

),

components as (

    select
        *,
        (mean_square_between - mean_square_within) / nullif(typical_size, 0) as variance_between,
        squares_between - (n_units - 1) * mean_square_within as squares_explained
    from judged

),

correlated as (

    select
        *,
        case
            when reason is null
                then variance_between / nullif(variance_between + mean_square_within, 0)
        end as icc_raw
    from components

)

select
    {{ keys }},
    n_pupils,
    n_units,
    typical_size,
    grand_mean,
    squares_between,
    squares_within,
    mean_square_between,
    mean_square_within,
    variance_between,
    icc_raw,
    -- greatest() would turn a null into 0.
    case when icc_raw < 0 then 0 else icc_raw end as icc,
    case
        when reason is null then squares_between / nullif(squares_between + squares_within, 0)
    end as eta_squared,
    case
        when reason is null
            then squares_explained / nullif(squares_between + squares_within + mean_square_within, 0)
    end as omega_squared,
    case
        when reason is null then squares_explained / nullif(squares_between + squares_within, 0)
    end as epsilon_squared,
    reason
from correlated
{%- endmacro %}

{#
    Percentiles are of type 7 (between neighbours, as numpy and Excel do). The SD divides by n - 1 and is null
    for one value. `below` is a threshold: how many values lie under it. Null values are left out.
#}
{% macro spread(relation, by, value, below='null') -%}
{%- set keys = by | join(', ') -%}
with quantiles as (

    select
        {{ keys }},
        count(*) as n_values,
        avg(cast({{ value }} as double) order by {{ value }}) as mean_value,
        case
            when max({{ value }}) > min({{ value }})
                then stddev_samp(cast({{ value }} as double) order by {{ value }})
            when count(*) > 1 then 0
        end as standard_deviation,
        quantile_cont(cast({{ value }} as double), 0.10) as p10,
        quantile_cont(cast({{ value }} as double), 0.25) as p25,
        quantile_cont(cast({{ value }} as double), 0.50) as p50,
        quantile_cont(cast({{ value }} as double), 0.75) as p75,
        quantile_cont(cast({{ value }} as double), 0.90) as p90,
        case
            when {{ below }} is not null then count(*) filter (where {{ value }} < {{ below }})
        end as n_below
    from {{ relation }}
    where {{ value }} is not null
    group by {{ keys }}

)

select
    *,
    p75 - p25 as interquartile_range,
    p90 - p10 as p90_minus_p10,
    standard_deviation / nullif(mean_value, 0) as coefficient_of_variation,
    n_below / cast(nullif(n_values, 0) as double) as share_below
from quantiles
{%- endmacro %}

{# The square root of the mean squared deviation from the weighted mean; null for a single unit. #}
{% macro weighted_sd(relation, by, value, weight) -%}
{%- set keys = by | join(', ') -%}
with weighed as (

    select
        {{ keys }},
        cast({{ value }} as double) as value,
        cast({{ weight }} as double) as weight,
        sum(cast({{ weight }} as double) * {{ value }}) over (partition by {{ keys }})
        / sum(cast({{ weight }} as double)) over (partition by {{ keys }}) as weighted_mean
    from {{ relation }}
    where {{ value }} is not null and {{ weight }} > 0

)

select
    {{ keys }},
    count(*) as n_units,
    max(weighted_mean) as weighted_mean,
    case
        when max(value) > min(value)
            then sqrt(sum(weight * pow(value - weighted_mean, 2)) / nullif(sum(weight), 0))
        when count(*) > 1 then 0
    end as weighted_sd
from weighed
group by {{ keys }}
{%- endmacro %}
