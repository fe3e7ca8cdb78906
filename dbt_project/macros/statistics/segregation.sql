{#
    Segregation between units: how unevenly groups of pupils are spread over schools.

    Each macro is the body of a CTE. `relation` is a CTE or table; `by` lists the columns that tell one set of
    units from the next (a municipality and a school year), never null. The other arguments are its columns.
    Counts are integers, and sums of counts stay so until the last division.

        two_group_segregation     one row per set: D, Gorard, isolation, exposure, eta squared, H
        random_dissimilarity      one row per set: the D that chance alone would give
        carrington_troske         an expression: D over and above chance
        multi_group_segregation   one row per set: M and H of any number of groups
        segregation_decomposed    one row per set: M and H between super-units and within them
        segregation_within        one row per set and super-unit: what each adds to H within
        group_exposure            one row per set and pair of groups

    A figure that is undefined is null and has a reason: `no_pupils`, `group_empty`, `group_is_all`,
    `one_group`. One unit is never segregated from itself: the figures are 0 and `flag` is `one_unit`. A group
    has between 0 and all pupils of a unit. Never from suppressed cells: what is null is left out. Pupils
    whose group is not known belong in no group and in no total.
#}

{#
    Duncan & Duncan 1955 (D), Gorard 2000 (GS), Theil 1971 (H); eta squared is isolation corrected for
    composition. One row per unit in `relation`. A unit whose focal count is null is left out, and lowers
    `coverage`. With x, y, t of a unit and X, Y, T of the set, |x/X - y/Y| and |x/X - t/T| are both |xY - yX|
    over a constant.
#}
{% macro two_group_segregation(relation, by, focal, total) -%}
{%- set keys = by | join(', ') -%}
with known as (

    select
        {{ keys }},
        {{ total }} as delivered_pupils,
        case when {{ total }} > 0 and {{ focal }} is not null then cast({{ total }} as bigint) end as pupils,
        case when {{ total }} > 0 then cast({{ focal }} as bigint) end as focal
    from {{ relation }}

),

of_set as (

    select
        *,
        cast(sum(pupils) over (partition by {{ keys }}) as bigint) as all_pupils,
        cast(sum(focal) over (partition by {{ keys }}) as bigint) as all_focal
    from known

),

compared as (

    select
        *,
        pupils - focal as others,
        all_pupils - all_focal as all_others,
        focal * all_pupils - pupils * all_focal as excess
    from of_set

),

summed as (

    select
        {{ keys }},
        count(pupils) as n_units,
        cast(coalesce(sum(pupils), 0) as bigint) as n_pupils,
        cast(coalesce(sum(focal), 0) as bigint) as n_focal,
        cast(coalesce(sum(others), 0) as bigint) as n_others,
        sum(pupils) / nullif(cast(sum(delivered_pupils) as double), 0) as coverage,
        cast(sum(abs(excess)) as double) as absolute_excess,
        sum(pow(cast(excess as double), 2) / nullif(pupils, 0)) as squared_excess,
        sum(
            case
                when focal > 0 then focal * ln(cast(focal as double) * all_pupils / (pupils * all_focal))
                else 0
            end
            + case
                when others > 0 then others * ln(cast(others as double) * all_pupils / (pupils * all_others))
                else 0
            end
        ) as information
    from compared
    group by {{ keys }}

),

judged as (

    select
        *,
        cast(n_focal as double) as x,
        cast(n_others as double) as y,
        cast(n_pupils as double) as t,
        case
            when n_pupils = 0 then 'no_pupils'
            when n_focal = 0 then 'group_empty'
            when n_others = 0 then 'group_is_all'
        end as reason
    from summed

),

indices as (

    select
        *,
        x / t as focal_share,
        absolute_excess / (2 * x * y) as dissimilarity,
        absolute_excess / (2 * x * t) as gorard,
        squared_excess / (t * x * y) as eta_squared,
        (n_units - 1) / nullif(t - 1, 0) as eta_squared_random,
        information / nullif(-x * ln(x / t) - y * ln(y / t), 0) as theil_h
    from judged
    where reason is null

)

select
    judged.{{ by | join(', judged.') }},
    judged.n_units,
    judged.n_pupils,
    judged.n_focal,
    judged.coverage,
    judged.n_focal / nullif(judged.t, 0) as focal_share,
    indices.dissimilarity,
    indices.gorard,
    indices.focal_share + indices.eta_squared * (1 - indices.focal_share) as isolation,
    (1 - indices.focal_share) * (1 - indices.eta_squared) as exposure,
    indices.eta_squared,
    indices.eta_squared_random,
    (indices.eta_squared - indices.eta_squared_random) / nullif(1 - indices.eta_squared_random, 0)
        as eta_squared_excess,
    indices.theil_h,
    judged.reason,
    case when judged.n_units = 1 then 'one_unit' end as flag
from judged
left join indices
    using ({{ keys }})
{%- endmacro %}

{#
    Small units differ by chance alone. E[D] when pupils are dealt at random to units of the sizes they have:
    the focal pupils of a unit are hypergeometric, so `dissimilarity_random` is exact, with no simulation.
    `dissimilarity_random_binomial` is De Moivre's closed form of the mean deviation of a binomial: a cheap
    upper approximation. Same rows and columns of `relation` as above; a row per pupil is made on the way.
#}
{% macro random_dissimilarity(relation, by, focal, total) -%}
{%- set keys = by | join(', ') -%}
with of_set as (

    select
        {{ keys }},
        cast({{ total }} as bigint) as pupils,
        cast(sum({{ total }}) over (partition by {{ keys }}) as bigint) as all_pupils,
        cast(sum({{ focal }}) over (partition by {{ keys }}) as bigint) as all_focal
    from {{ relation }}
    where {{ total }} > 0 and {{ focal }} is not null

),

-- Units of one size have one expectation.
sizes as (

    select
        {{ keys }},
        pupils,
        all_pupils,
        all_focal,
        count(*) as n_units,
        cast(all_focal as double) / all_pupils as focal_share
    from of_set
    where all_focal between 1 and all_pupils - 1
    group by {{ keys }}, pupils, all_pupils, all_focal

),

outcomes as (

    select
        *,
        unnest(range(greatest(0, pupils - (all_pupils - all_focal)), least(pupils, all_focal) + 1)) as focal
    from sizes

),

-- p(k) / p(k - 1) = (X - k + 1)(t - k + 1) / (k (T - X - t + k)), added up in logarithms from the smallest k.
-- The logarithm of a factorial of all pupils would lose digits that these keep.
relative as (

    select
        *,
        coalesce(
            sum(
                ln(
                    cast(all_focal - focal + 1 as double) * (pupils - focal + 1)
                    / nullif(cast(focal as double) * (all_pupils - all_focal - pupils + focal), 0)
                )
            ) over (
                partition by {{ keys }}, pupils
                order by focal
                rows between unbounded preceding and current row
            ), 0
        ) as log_weight
    from outcomes

),

weights as (

    select
        *,
        exp(log_weight - max(log_weight) over (partition by {{ keys }}, pupils)) as weight
    from relative

),

likely as (

    select
        *,
        weight / sum(weight) over (partition by {{ keys }}, pupils) as probability
    from weights

),

hypergeometric as (

    select
        {{ keys }},
        sum(
            n_units * probability * abs(cast(focal * all_pupils - pupils * all_focal as double))
            / (2 * cast(all_focal as double) * (all_pupils - all_focal))
        ) as dissimilarity_random
    from likely
    group by {{ keys }}

),

moded as (

    select
        *,
        cast(floor(pupils * focal_share) as bigint) + 1 as turning_point
    from sizes

),

binomial as (

    select
        {{ keys }},
        sum(
            n_units * 2 * turning_point * exp(
                lgamma(pupils + 1) - lgamma(turning_point + 1) - lgamma(pupils - turning_point + 1)
                + turning_point * ln(focal_share) + (pupils - turning_point + 1) * ln(1 - focal_share)
            ) / (2 * all_pupils * focal_share * (1 - focal_share))
        ) as dissimilarity_random_binomial
    from moded
    group by {{ keys }}

)

select
    hypergeometric.{{ by | join(', hypergeometric.') }},
    hypergeometric.dissimilarity_random,
    binomial.dissimilarity_random_binomial
from hypergeometric
inner join binomial
    using ({{ keys }})
{%- endmacro %}

{#
    Carrington & Troske 1997 (doi 10.1080/07350015.1997.10524718): 0 = as by chance, 1 = complete,
    below 0 = more even.
#}
{% macro carrington_troske(dissimilarity, random) -%}
    case
        when {{ dissimilarity }} >= {{ random }}
            then ({{ dissimilarity }} - {{ random }}) / nullif(1 - {{ random }}, 0)
        else ({{ dissimilarity }} - {{ random }}) / nullif({{ random }}, 0)
    end
{%- endmacro %}

{#
    Theil's M (mutual information, natural logarithm) and H = M / E, where E is the entropy of the groups.
    One row per unit and group in `relation`. `theil_h_random` is what chance alone gives, approximately:
    E[M] is about (J - 1)(K - 1) / 2N.
#}
{% macro multi_group_segregation(relation, by, unit, group, pupils) -%}
{%- set keys = by | join(', ') -%}
with cells as (

    select
        {{ keys }},
        {{ unit }} as unit,
        {{ group }} as pupil_group,
        cast({{ pupils }} as bigint) as pupils,
        sum({{ pupils }}) over (partition by {{ keys }}, {{ unit }}) as unit_pupils,
        sum({{ pupils }}) over (partition by {{ keys }}, {{ group }}) as group_pupils,
        sum({{ pupils }}) over (partition by {{ keys }}) as all_pupils
    from {{ relation }}

),

summed as (

    select
        {{ keys }},
        count(distinct case when pupils > 0 then unit end) as n_units,
        count(distinct case when pupils > 0 then pupil_group end) as n_groups,
        cast(coalesce(sum(pupils), 0) as bigint) as n_pupils,
        sum(
            case
                when pupils > 0
                    then pupils * ln(cast(pupils as double) * all_pupils / (unit_pupils * group_pupils))
            end
        ) as information,
        sum(case when pupils > 0 then pupils * ln(cast(all_pupils as double) / group_pupils) end) as surprise
    from cells
    group by {{ keys }}

),

judged as (

    select
        *,
        case
            when n_pupils = 0 then 'no_pupils'
            when n_groups = 1 then 'one_group'
        end as reason
    from summed

)

select
    {{ keys }},
    n_units,
    n_groups,
    n_pupils,
    case when reason is null then surprise / nullif(n_pupils, 0) end as entropy,
    case when reason is null then information / nullif(n_pupils, 0) end as theil_m,
    case when reason is null then information / nullif(surprise, 0) end as theil_h,
    case when reason is null then (n_units - 1) * (n_groups - 1) / (2 * nullif(surprise, 0)) end
        as theil_h_random,
    reason,
    case when n_units = 1 then 'one_unit' end as flag
from judged
{%- endmacro %}

{#
    M and H as a sum: between super-units (areas, organisers) plus within them. `super_unit` lists the columns
    that name one; with two, areas and organisers, the term of organisers within areas is the difference of
    two calls. Elbers 2021, doi 10.1177/0049124121986204.
#}
{% macro segregation_decomposed(relation, by, super_unit, unit, group, pupils) -%}
{%- set keys = by | join(', ') -%}
with parts as (

    {{ segregation_within(relation, by, super_unit, unit, group, pupils) | indent(4) }}

)

select
    {{ keys }},
    sum(theil_m_between + share * theil_m) as theil_m,
    sum(theil_m_between) as theil_m_between,
    sum(share * theil_m) as theil_m_within,
    sum(theil_h_between + contribution) as theil_h,
    sum(theil_h_between) as theil_h_between,
    sum(contribution) as theil_h_within,
    max(reason) as reason
from parts
group by {{ keys }}
{%- endmacro %}

{#
    One row per set and super-unit that has pupils: its `share` of them, its own entropy over that of the set,
    its own M and H, and its `contribution` to H within: share x entropy ratio x own H. H of a super-unit with
    one group is null; it contributes 0. The columns `*_between` are its terms in the sums of
    segregation_decomposed.
#}
{% macro segregation_within(relation, by, super_unit, unit, group, pupils) -%}
{%- set keys = by | join(', ') -%}
{%- set places = (by + super_unit) | join(', ') -%}
with cells as (

    select
        {{ places }},
        {{ group }} as pupil_group,
        cast({{ pupils }} as double) as pupils,
        cast(sum({{ pupils }}) over (partition by {{ places }}, {{ unit }}) as double) as unit_pupils,
        cast(sum({{ pupils }}) over (partition by {{ places }}, {{ group }}) as double) as part_group_pupils,
        cast(sum({{ pupils }}) over (partition by {{ places }}) as double) as part_pupils,
        cast(sum({{ pupils }}) over (partition by {{ keys }}, {{ group }}) as double) as group_pupils,
        cast(sum({{ pupils }}) over (partition by {{ keys }}) as double) as all_pupils
    from {{ relation }}
    where {{ pupils }} > 0

),

summed as (

    select
        {{ places }},
        max(part_pupils) as part_pupils,
        max(all_pupils) as all_pupils,
        sum(pupils * ln(pupils * part_pupils / (unit_pupils * part_group_pupils))) as information,
        sum(pupils * ln(part_group_pupils * all_pupils / (part_pupils * group_pupils)))
            as information_between,
        sum(pupils * ln(part_pupils / part_group_pupils)) as surprise,
        sum(pupils * ln(all_pupils / group_pupils)) as surprise_in_set
    from cells
    group by {{ places }}

),

of_set as (

    select
        *,
        sum(surprise_in_set) over (partition by {{ keys }}) as set_surprise
    from summed

)

select
    {{ places }},
    cast(part_pupils as bigint) as n_pupils,
    part_pupils / nullif(all_pupils, 0) as share,
    (surprise / part_pupils) / nullif(set_surprise / all_pupils, 0) as entropy_ratio,
    information / part_pupils as theil_m,
    information / nullif(surprise, 0) as theil_h,
    information / nullif(set_surprise, 0) as contribution,
    information_between / all_pupils as theil_m_between,
    information_between / nullif(set_surprise, 0) as theil_h_between,
    case when set_surprise = 0 then 'one_group' end as reason
from of_set
{%- endmacro %}

{#
    The share of `to_group` among the schoolmates of an average pupil of `from_group`; with itself, isolation.
    One row per unit and group in `relation`, with 0 where a unit has none. Groups without pupils are left
    out.
#}
{% macro group_exposure(relation, by, unit, group, pupils) -%}
{%- set keys = by | join(', ') -%}
with cells as (

    select
        {{ keys }},
        {{ unit }} as unit,
        {{ group }} as pupil_group,
        cast({{ pupils }} as double) as pupils,
        cast(sum({{ pupils }}) over (partition by {{ keys }}, {{ unit }}) as double) as unit_pupils,
        cast(sum({{ pupils }}) over (partition by {{ keys }}, {{ group }}) as double) as group_pupils
    from {{ relation }}

)

select
    one.{{ by | join(', one.') }},
    one.pupil_group as from_group,
    other.pupil_group as to_group,
    sum(one.pupils / nullif(one.group_pupils, 0) * other.pupils / nullif(other.unit_pupils, 0)) as exposure
from cells as one
inner join cells as other
    on
        one.unit = other.unit
        {% for key in by %}and one.{{ key }} = other.{{ key }}
        {% endfor -%}
where one.group_pupils > 0 and other.group_pupils > 0
group by one.{{ by | join(', one.') }}, one.pupil_group, other.pupil_group
{%- endmacro %}
