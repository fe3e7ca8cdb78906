-- How many pupils of each unit belong to a group, for every kind of segregation that is measured: one row per
-- unit, school year and measure, among the units of a municipality.
--
-- Preschool class and compulsory school are one, as they share their units: apart, each would tell what the
-- other has of a unit's pupils, who are often few. Nobody in preschool class is newly arrived: the law's word
-- is for those who start school here after the autumn of the year they turn seven.
--
-- Open data state shares with one decimal and their base. Up to 1,000 pupils a share with one decimal belongs
-- to one count only, so the counts are those the agency had; in larger units they are at most a pupil off for
-- every 1,000. A unit whose share is hidden is left out and lowers the coverage.

with pupil_groups as (

    select
        *,
        case when school_form = 'gy' or dimension = 'newly_arrived' then school_form else 'f9' end as forms
    from {{ ref('fct_unit_pupil_groups') }}
    where
        school_form in ('fsk', 'gr', 'gy')
        and dimension in ('foreign_background', 'newly_arrived', 'parents_education')
        and not (school_form = 'fsk' and dimension = 'newly_arrived')

),

unit_values as (

    select * from {{ ref('ind_unit_group_figures') }}
    where
        measure_id in ('pupils', 'foreign_background_share', 'parents_higher_education_share')
        and group_id = 'all'

),

units as (

    select
        unit_key,
        municipality_code,
        area_key,
        organiser_kind
    from {{ ref('dim_unit') }}
    where is_current and municipality_code is not null

),

thresholds as (

    {{ disclosure_thresholds('public') | indent(4) }}

),

-- Pupils whose group is not known belong in no group and in no total.
own_counts as (

    select
        unit_key,
        school_year,
        'own_segregation_'
        || case dimension when 'parents_education' then 'parents_without_higher' else dimension end
        || '_' || forms as measure_id,
        cast(
            coalesce(
                sum(numerator) filter (where group_value in ('yes', 'compulsory', 'upper_secondary')), 0
            ) as bigint
        ) as focal,
        cast(coalesce(sum(numerator) filter (where group_value <> 'unknown'), 0) as bigint) as pupils,
        cast(sum(numerator) as bigint) as delivered_pupils,
        bool_or(is_made_up) as is_made_up
    from pupil_groups
    group by unit_key, school_year, dimension, forms

),

own_units as (

    select
        units.municipality_code,
        own_counts.school_year,
        own_counts.measure_id,
        own_counts.unit_key,
        units.organiser_kind,
        units.area_key,
        own_counts.focal,
        own_counts.pupils,
        own_counts.delivered_pupils,
        own_counts.pupils < thresholds.minimum_pupils as is_small,
        cast(null as varchar) as break_in_series,
        own_counts.is_made_up
    from own_counts
    inner join units
        on own_counts.unit_key = units.unit_key
    inner join thresholds
        on thresholds.entity_type = 'unit'

),

enrolled as (

    select
        unit_key,
        school_year,
        max(value) as pupils
    from unit_values
    where measure_id = 'pupils'
    group by unit_key, school_year

),

open_units as (

    select
        stated.municipality_code,
        stated.school_year,
        case stated.measure_id
            when 'foreign_background_share' then 'segregation_foreign_background'
            else 'segregation_parents_without_higher'
        end as measure_id,
        stated.unit_key,
        units.organiser_kind,
        cast(null as varchar) as area_key,
        case
            when stated.measure_id = 'foreign_background_share'
                then cast(round(stated.base_count * stated.value / 100) as bigint)
            else cast(stated.base_count - round(stated.base_count * stated.value / 100) as bigint)
        end as focal,
        cast(stated.base_count as bigint) as pupils,
        cast(coalesce(enrolled.pupils, stated.base_count) as bigint) as delivered_pupils,
        stated.suppression is not null and stated.value is not null as is_small,
        stated.break_in_series,
        false as is_made_up
    from unit_values as stated
    left join enrolled
        on
            stated.unit_key = enrolled.unit_key
            and stated.school_year = enrolled.school_year
    left join units
        on stated.unit_key = units.unit_key
    where stated.measure_id in ('foreign_background_share', 'parents_higher_education_share')

)

select * from own_units
union all
select * from open_units
where delivered_pupils > 0
