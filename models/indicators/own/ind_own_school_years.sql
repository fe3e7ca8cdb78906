-- How each school year of own levels has changed since the current release. The vintage is empty when nothing
-- has been published or a revision is due; then no year is here.

with levels as (

    select * from {{ ref('ind_own_levels') }}

),

vintage as (

    select * from {{ source('releases', 'own_levels_vintage') }}

),

thresholds as (

    select threshold from {{ ref('thr_revision') }}
    where rule = 'frozen_persons_below'

),

counts as (

    select
        1 as sign,
        entity_type,
        entity_key,
        municipality_code,
        school_year,
        indicator_id,
        group_id,
        persons,
        sensitive_count,
        total
    from levels

    union all

    select
        -1 as sign,
        entity_type,
        entity_key,
        municipality_code,
        school_year,
        indicator_id,
        group_id,
        persons,
        sensitive_count,
        total
    from vintage

),

-- An indicator that is new, or no longer made, says nothing of what has changed; nor do the areas of one that
-- had none.
held_in_both as (

    select
        entity_type,
        municipality_code,
        school_year,
        indicator_id
    from counts
    group by entity_type, municipality_code, school_year, indicator_id
    having min(sign) = -1 and max(sign) = 1

),

-- A group without persons has no row, so a row that came or went is a change from or to none.
changes as (

    select
        counts.municipality_code,
        counts.school_year,
        abs(sum(counts.sign * counts.persons)) as persons_changed,
        abs(sum(counts.sign * counts.sensitive_count)) as sensitive_changed,
        abs(sum(counts.sign * counts.total)) as total_changed
    from counts
    inner join held_in_both
        on
            counts.entity_type = held_in_both.entity_type
            and counts.municipality_code = held_in_both.municipality_code
            and counts.school_year = held_in_both.school_year
            and counts.indicator_id = held_in_both.indicator_id
    group by
        counts.municipality_code,
        counts.school_year,
        counts.entity_type,
        counts.entity_key,
        counts.indicator_id,
        counts.group_id

),

judged as (

    select
        changes.municipality_code,
        changes.school_year,
        changes.persons_changed > 0
        or coalesce(changes.sensitive_changed > 0, false)
        or coalesce(changes.total_changed > 0, false) as is_changed,
        changes.persons_changed between 1 and thresholds.threshold - 1
        or coalesce(changes.sensitive_changed between 1 and thresholds.threshold - 1, false)
        -- How many persons are behind another sum nobody can tell, unless as many have come or gone.
        or coalesce(
            changes.total_changed > 0 and changes.persons_changed < thresholds.threshold, false
        ) as is_changed_by_few
    from changes
    cross join thresholds

)

select
    municipality_code,
    school_year,
    count(*) as n_figures,
    count(*) filter (where is_changed) as n_changed,
    count(*) filter (where is_changed_by_few) as n_changed_by_few,
    bool_or(is_changed_by_few) as is_frozen,
    bool_or(is_changed_by_few) or not bool_or(is_changed) as is_standing
from judged
group by municipality_code, school_year
