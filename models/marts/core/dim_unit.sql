with versions as (

    select * from {{ ref('int_units__versioned') }}

),

latest as (

    select max(last_seen_school_year) as school_year from versions

),

-- Own units come from the municipality's own systems and deliveries. Where open sources know the unit too,
-- what they say stands.
own_units as (

    select * from {{ ref('int_own__units') }}
    where unit_key not in (select versions.unit_key from versions)

)

select
    versions.unit_version_key,
    versions.unit_key,
    versions.unit_name,
    versions.organiser_number,
    coalesce(versions.organiser_kind, 'unknown') as organiser_kind,
    versions.municipality_code,
    array_to_string(versions.school_forms, ',') as school_forms,
    array_to_string(versions.year_groups, ',') as year_groups,
    versions.latitude,
    versions.longitude,
    versions.valid_from_school_year,
    versions.valid_to_school_year,
    versions.last_seen_school_year,
    versions.is_current,
    -- A unit that no source has mentioned for two school years is taken to be closed.
    {{ autumn_of('versions.last_seen_school_year') }} >= {{ autumn_of('latest.school_year') }} - 2
        as is_active,
    'open_data' as known_from,
    false as is_made_up
from versions
cross join latest

union all

select
    unit_key || '@' || {{ school_year_of('coalesce(valid_from, last_seen_on)') }} as unit_version_key,
    unit_key,
    unit_name,
    organiser_number,
    organiser_kind,
    municipality_code,
    array_to_string(school_forms, ',') as school_forms,
    null as year_groups,
    null as latitude,
    null as longitude,
    {{ school_year_of('coalesce(valid_from, last_seen_on)') }} as valid_from_school_year,
    null as valid_to_school_year,
    {{ school_year_of('last_seen_on') }} as last_seen_school_year,
    true as is_current,
    is_active,
    'own_data' as known_from,
    is_made_up
from own_units
