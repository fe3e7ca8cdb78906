-- The municipality's own units as its systems know them, and the independent ones it has delivered: one row
-- per unit. The organiser is the Huvudman above; a unit without a municipality has its organiser's.

with organisations as (

    select * from {{ ref('stg_ss12000__organisations') }}

),

school_types as (

    select
        school_type,
        school_form
    from {{ ref('xwalk_ss12000_school_types') }}
    where school_form is not null

),

private_units as (

    select * from {{ ref('stg_deliveries__private_units') }}

),

as_of as (

    select as_of_on from {{ ref('stg_ss12000__as_of') }}

),

inherited as (

    select
        id,
        arg_min(municipality_code, steps) as municipality_code,
        arg_max(display_name, steps) filter (where organisation_type = 'Huvudman') as organiser_name,
        arg_max(organisation_number, steps) filter (where organisation_type = 'Huvudman') as organiser_number,
        -- The nearest rektorsområde; without one, the nearest verksamhetsområde.
        coalesce(
            arg_min(ancestor_id, steps) filter (where organisation_type = 'Rektorsområde'),
            arg_min(ancestor_id, steps) filter (where organisation_type = 'Verksamhetsområde')
        ) as area_id
    from {{ ref('int_own__ancestors') }}
    group by id

),

areas as (

    select
        id,
        area_key
    from {{ ref('int_own__areas') }}

),

unit_types as (

    select
        id,
        unnest(string_split(school_types, ',')) as school_type
    from organisations
    where organisation_type = 'Skolenhet'

),

unit_forms as (

    select
        unit_types.id,
        list_sort(list_distinct(list(school_types.school_form))) as school_forms
    from unit_types
    inner join school_types
        on trim(unit_types.school_type) = school_types.school_type
    group by unit_types.id

),

own as (

    select
        organisations.unit_key,
        organisations.display_name as unit_name,
        regexp_replace(inherited.organiser_number, '[^0-9]', '', 'g') as organiser_number,
        inherited.organiser_name,
        case
            when inherited.municipality_code = '9999' then 'municipal'
            when inherited.organiser_number like '212000%' then 'municipal'
            when inherited.organiser_number like '2321%' then 'region'
            when inherited.organiser_number is null then 'municipal'
            else 'independent'
        end as organiser_kind,
        inherited.municipality_code,
        areas.area_key,
        unit_forms.school_forms,
        organisations.start_date as valid_from,
        least(organisations.end_date, cast(organisations.deleted_at as date)) as valid_to,
        organisations.meta_modified
    from organisations
    inner join inherited
        on organisations.id = inherited.id
    left join areas
        on inherited.area_id = areas.id
    left join unit_forms
        on organisations.id = unit_forms.id
    where organisations.organisation_type = 'Skolenhet'

),

-- A form may be written as the standard does or as this warehouse does.
private_forms as (

    select
        forms.unit_code,
        list_sort(list_distinct(list(
            coalesce(school_types.school_form, lower(trim(forms.school_type)))
        ))) as school_forms
    from (
        select
            unit_code,
            unnest(string_split(school_forms, ',')) as school_type
        from private_units
    ) as forms
    left join school_types
        on upper(trim(forms.school_type)) = school_types.school_type
    group by forms.unit_code

),

delivered as (

    select
        private_units.unit_code as unit_key,
        private_units.unit_name,
        regexp_replace(private_units.organiser_number, '[^0-9]', '', 'g') as organiser_number,
        private_units.organiser_name,
        'independent' as organiser_kind,
        private_units.municipality_code,
        -- Independent units lie in no area of the municipality's.
        null as area_key,
        private_forms.school_forms,
        private_units.valid_from,
        private_units.valid_to,
        null as meta_modified
    from private_units
    left join private_forms
        on private_units.unit_code = private_forms.unit_code
    qualify
        row_number() over (partition by private_units.unit_code order by private_units.valid_from desc) = 1

),

together as (

    select
        *,
        1 as place
    from own

    union all

    select
        *,
        2 as place
    from delivered

),

once as (

    select * exclude (place, meta_modified)
    from together
    -- Two organisations with one unit code: the one that is open, then the one changed last.
    qualify
        row_number() over (
            partition by unit_key
            order by place asc, valid_to desc nulls first, meta_modified desc nulls last, unit_name asc
        ) = 1

),

seen as (

    select
        once.*,
        once.valid_to is null or once.valid_to >= coalesce(as_of.as_of_on, once.valid_to) as is_active,
        -- Deliveries alone tell no day: their units are then seen when they began.
        coalesce(least(once.valid_to, as_of.as_of_on), once.valid_from) as last_seen_on
    from once
    cross join as_of

)

select
    * exclude (last_seen_on),
    coalesce(municipality_code = '9999', false) as is_made_up,
    {{ school_year_of('coalesce(valid_from, last_seen_on)') }} as valid_from_school_year,
    -- Not the day: all that hangs on a table that changes every day is built every day.
    {{ school_year_of('last_seen_on') }} as last_seen_school_year
from seen
