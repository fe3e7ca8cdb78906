-- Number of municipal organisers per municipality of Sweden.
select
    municipalities.municipality_code,
    count(organisers.organiser_number) as n_municipal
from dim_municipality as municipalities
left join dim_organiser as organisers
    on
        municipalities.municipality_code = organisers.municipality_code
        and organisers.organiser_kind = 'municipal'
where not municipalities.is_made_up
group by municipalities.municipality_code
