-- How far a value lies from numerator through denominator, in its own unit: the largest per indicator.
select
    figures.indicator_id,
    max(
        abs(
            figures.value
            - case when catalogue.unit_of_measure in ('percent', 'per_100') then 100 else 1 end
            * figures.numerator / nullif(figures.denominator, 0)
        )
    ) as error
from pub_indicators as figures
inner join pub_indicator_catalogue as catalogue
    on figures.indicator_id = catalogue.indicator_id
where figures.value is not null and figures.numerator is not null
group by figures.indicator_id
