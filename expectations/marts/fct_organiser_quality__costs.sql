-- Cost per pupil of a municipality as organiser over that of the municipality's own table, per school year.
select
    own.organiser_number,
    own.school_year,
    own.value / nullif(other.value, 0) as ratio
from fct_organiser_quality as own
inner join dim_organiser as organisers
    on own.organiser_number = organisers.organiser_number
inner join fct_municipality_resources as other
    on
        organisers.municipality_code = other.municipality_code
        and own.school_year = other.school_year
        and own.measure_id = other.measure_id
where own.measure_id = 'cost_per_pupil_total' and other.group_id = 'organiser_municipal'
