-- The national quality system's table at organiser and nation level, one row per measure. The nation has
-- organiser number '0000000000'.

with quality_table as (

    select * from {{ ref('stg_underlag_for_analys__measures') }}
    where entity_type in ('organiser', 'nation')

),

measures as (

    select
        measure_id,
        domain,
        base_measure_id
    from {{ ref('ref_measures') }}

),

figures as (

    select
        coalesce(organiser_number, '0000000000') as organiser_number,
        entity_type,
        school_year,
        measure_id,
        value,
        value_status
    from quality_table

)

select
    figures.organiser_number,
    figures.entity_type,
    figures.school_year,
    figures.measure_id,
    measures.domain,
    base.value as base_count,
    figures.value,
    figures.value_status
from figures
inner join measures
    on figures.measure_id = measures.measure_id
left join figures as base
    on
        measures.base_measure_id = base.measure_id
        and figures.organiser_number = base.organiser_number
        and figures.school_year = base.school_year
