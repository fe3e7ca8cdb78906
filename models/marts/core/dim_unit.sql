with versions as (

    select * from {{ ref('int_units__versioned') }}

),

latest as (

    select max(last_seen_school_year) as school_year from versions

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
        as is_active
from versions
cross join latest
