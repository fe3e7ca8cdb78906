-- Whoever is in a narrow outcome is in the wide one: of every group no more are in the narrow ones of a
-- division together than in the wide one. Otherwise an attacker would be taken to know something wrong.
with levels as (

    select
        entity_type,
        entity_key,
        school_year,
        indicator_id,
        group_id,
        persons,
        sensitive_count
    from {{ ref('ind_own_levels_in_force') }}
    where sensitive_count is not null

)

select
    wide.entity_type,
    wide.entity_key,
    wide.school_year,
    wide.group_id,
    wide.indicator_id,
    nested.division
from {{ ref('ref_nested_outcomes') }} as nested
inner join levels as wide
    on nested.wide_indicator_id = wide.indicator_id
inner join levels as narrow
    on
        nested.narrow_indicator_id = narrow.indicator_id
        and wide.entity_type = narrow.entity_type
        and wide.entity_key = narrow.entity_key
        and wide.school_year = narrow.school_year
        and wide.group_id = narrow.group_id
where nested.persons <> 'same' or wide.persons = narrow.persons
group by
    wide.entity_type,
    wide.entity_key,
    wide.school_year,
    wide.group_id,
    wide.indicator_id,
    nested.division,
    wide.persons,
    wide.sensitive_count
having
    sum(narrow.sensitive_count) > wide.sensitive_count
    -- The rest of the group, where the narrow outcomes are those of parts of it.
    or wide.sensitive_count - sum(narrow.sensitive_count)
    > wide.persons - coalesce(sum(narrow.persons) filter (where nested.persons = 'part'), 0)
