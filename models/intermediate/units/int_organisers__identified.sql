-- One row per organiser (huvudman) seen in any source: its name, kind and, for a municipality, its code.

with observed as (

    select * from {{ ref('int_units__observed') }}

),

quality_table as (

    select
        organiser_number,
        organiser_name
    from {{ ref('stg_underlag_for_analys__measures') }}
    where entity_type = 'organiser'
    group by organiser_number, organiser_name

),

sightings as (

    select
        organiser_number,
        organiser_name,
        organiser_kind,
        municipality_code,
        school_year,
        source_rank
    from observed
    where organiser_number is not null

    union all

    select
        organiser_number,
        organiser_name,
        null as organiser_kind,
        null as municipality_code,
        null as school_year,
        8 as source_rank
    from quality_table

),

merged as (

    select
        organiser_number,
        arg_min(organiser_name, source_rank) as organiser_name,
        -- Of an association's municipalities with as many units the first by code is taken, on every run.
        mode(organiser_kind order by organiser_kind) as observed_kind,
        mode(municipality_code order by municipality_code) filter (
            where organiser_kind = 'municipal'
        ) as municipality_code
    from sightings
    group by organiser_number

),

-- The series of an organisation number tells its kind where no source does: 212000 municipalities,
-- 2321 regions, 2021 the state.
identified as (

    select
        organiser_number,
        organiser_name,
        coalesce(
            observed_kind,
            case
                when organiser_number like '212000%' then 'municipal'
                when organiser_number like '2321%' then 'region'
                when organiser_number like '2021%' then 'state'
                else 'independent'
            end
        ) as organiser_kind,
        municipality_code
    from merged

)

select
    identified.organiser_number,
    identified.organiser_name,
    identified.organiser_kind,
    case
        when identified.organiser_kind = 'municipal' then identified.municipality_code
    end as municipality_code
from identified
