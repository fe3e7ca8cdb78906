-- One row per unit and validity period: a new period starts when organiser or municipality changes.
-- Names and year groups are those of the latest sighting within the period.

with observed as (

    select * from {{ ref('int_units__observed') }}

),

organisers as (

    select * from {{ ref('int_organisers__identified') }}

),

-- One row per unit and school year: the highest-ranked source that says something about an attribute; of
-- two sayings of one source the first in order, so that every build tells the same.
yearly as (

    select
        unit_code,
        school_year,
        arg_min(unit_name, (source_rank, unit_name)) as unit_name,
        arg_min(municipality_code, (source_rank, municipality_code)) as municipality_code,
        arg_min(organiser_kind, (source_rank, organiser_kind)) as organiser_kind,
        arg_min(organiser_number, (source_rank, organiser_number)) as organiser_number,
        arg_min(year_groups, (source_rank, year_groups)) as year_groups,
        list_sort(list_distinct(flatten(list(school_forms)))) as school_forms,
        arg_min(latitude, (source_rank, latitude)) as latitude,
        arg_min(longitude, (source_rank, longitude)) as longitude
    from observed
    group by unit_code, school_year

),

-- A source that is silent about an attribute does not end a period: the last known value is carried on,
-- and the first known value is carried back.
filled as (

    select
        unit_code,
        school_year,
        unit_name,
        year_groups,
        school_forms,
        latitude,
        longitude,
        coalesce(
            last_value(municipality_code ignore nulls) over known_so_far,
            first_value(municipality_code ignore nulls) over whole_life
        ) as municipality_code,
        coalesce(
            last_value(organiser_kind ignore nulls) over known_so_far,
            first_value(organiser_kind ignore nulls) over whole_life
        ) as organiser_kind,
        coalesce(
            last_value(organiser_number ignore nulls) over known_so_far,
            first_value(organiser_number ignore nulls) over whole_life
        ) as organiser_number
    from yearly
    window
        known_so_far as (
            partition by unit_code order by school_year
            rows between unbounded preceding and current row
        ),
        whole_life as (
            partition by unit_code order by school_year
            rows between unbounded preceding and unbounded following
        )

),

completed as (

    select
        filled.unit_code,
        filled.school_year,
        filled.unit_name,
        filled.year_groups,
        filled.school_forms,
        filled.latitude,
        filled.longitude,
        filled.organiser_number,
        coalesce(organisers.organiser_kind, filled.organiser_kind) as organiser_kind,
        coalesce(filled.municipality_code, organisers.municipality_code) as municipality_code
    from filled
    left join organisers
        on filled.organiser_number = organisers.organiser_number

),

marked as (

    select
        *,
        case
            when
                lag(unit_code) over unit_history is null
                or (organiser_number is distinct from lag(organiser_number) over unit_history)
                or (municipality_code is distinct from lag(municipality_code) over unit_history)
                then 1
            else 0
        end as starts_period
    from completed
    window unit_history as (partition by unit_code order by school_year)

),

numbered as (

    select
        *,
        sum(starts_period) over (
            partition by unit_code order by school_year
            rows between unbounded preceding and current row
        ) as period_number
    from marked

),

periods as (

    select
        unit_code,
        period_number,
        min(school_year) as valid_from_school_year,
        max(school_year) as last_seen_school_year,
        arg_max(unit_name, school_year) as unit_name,
        arg_max(organiser_number, school_year) as organiser_number,
        arg_max(organiser_kind, school_year) as organiser_kind,
        arg_max(municipality_code, school_year) as municipality_code,
        arg_max(year_groups, school_year) as year_groups,
        list_sort(list_distinct(flatten(list(school_forms)))) as school_forms,
        arg_max(latitude, school_year) as latitude,
        arg_max(longitude, school_year) as longitude
    from numbered
    group by unit_code, period_number

)

select
    unit_code || '@' || valid_from_school_year as unit_version_key,
    unit_code as unit_key,
    valid_from_school_year,
    case
        when lead(unit_code) over (partition by unit_code order by period_number) is not null
            then last_seen_school_year
    end as valid_to_school_year,
    last_seen_school_year,
    lead(unit_code) over (partition by unit_code order by period_number) is null as is_current,
    unit_name,
    organiser_number,
    organiser_kind,
    municipality_code,
    year_groups,
    school_forms,
    latitude,
    longitude
from periods
