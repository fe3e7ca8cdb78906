-- Areas, and what is wrong with them; one row, also where no municipality divides its units into areas.
select
    cast(count(*) as bigint) as areas,
    cast(count(*) - count(distinct area_key) as bigint) as doubled,
    cast(count(*) filter (where coalesce(trim(area_name), '') = '') as bigint) as nameless,
    cast(
        count(*) filter (where not coalesce(starts_with(area_key, municipality_code || '-'), false)) as bigint
    ) as misplaced
from pub_internal_areas
