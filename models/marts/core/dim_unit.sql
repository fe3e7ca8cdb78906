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

),

-- Areas are what the municipality's own systems say, of those units too. One set of areas: all of a unit's
-- versions are in the area the unit is in today.
unit_areas as (

    select
        own.unit_key,
        own.area_key,
        areas.area_name,
        areas.municipality_code
    from {{ ref('int_own__units') }} as own
    inner join {{ ref('dim_area') }} as areas
        on own.area_key = areas.area_key

)

select
    versions.unit_version_key,
    versions.unit_key,
    versions.unit_name,
    versions.organiser_number,
    coalesce(versions.organiser_kind, 'unknown') as organiser_kind,
    versions.municipality_code,
    unit_areas.area_key,
    unit_areas.area_name,
    array_to_string(versions.school_forms, ',') as school_forms,
    -- A unit of two school forms has a list of each, förskoleklass among them.
    array_to_string(list_sort(list_distinct(versions.year_groups)), ',') as year_groups,
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
-- An area lies in one municipality: a unit in another is in no area.
left join unit_areas
    on
        versions.unit_key = unit_areas.unit_key
        and versions.municipality_code = unit_areas.municipality_code

union all

select
    own_units.unit_key
    || '@'
    || own_units.valid_from_school_year as unit_version_key,
    own_units.unit_key,
    own_units.unit_name,
    own_units.organiser_number,
    own_units.organiser_kind,
    own_units.municipality_code,
    unit_areas.area_key,
    unit_areas.area_name,
    array_to_string(own_units.school_forms, ',') as school_forms,
    null as year_groups,
    null as latitude,
    null as longitude,
    own_units.valid_from_school_year,
    null as valid_to_school_year,
    own_units.last_seen_school_year,
    true as is_current,
    own_units.is_active,
    'own_data' as known_from,
    own_units.is_made_up
from own_units
left join unit_areas
    on
        own_units.unit_key = unit_areas.unit_key
        and own_units.municipality_code = unit_areas.municipality_code
