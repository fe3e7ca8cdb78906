-- Percent of the pupils with a diploma who have more than one: one row.
with pupils as (

    select
        person_key,
        count(*) as n_diplomas
    from fct_upper_secondary_outcome
    where outcome = 'examen'
    group by person_key

)

select
    coalesce(100 * count(*) filter (where n_diplomas > 1) / cast(nullif(count(*), 0) as double), 0)
        as percent_with_two
from pupils
