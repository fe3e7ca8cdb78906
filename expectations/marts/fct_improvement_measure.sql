-- A measure with the school year it started in and how far its change is from after minus before.
select
    decided.unit_key,
    decided.measure_number,
    decided.title,
    decided.indicator_id,
    decided.measure_id,
    decided.starts_on,
    decided.ends_on,
    decided.school_year_before,
    decided.school_year_after,
    years.school_year as first_school_year,
    decided.value_change - (decided.value_after - decided.value_before) as change_off
from fct_improvement_measure as decided
inner join dim_unit as units
    on decided.unit_key = units.unit_key and units.is_current
left join dim_school_year as years
    on coalesce(decided.starts_on, decided.decided_on) between years.start_date and years.end_date
