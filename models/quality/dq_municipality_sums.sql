-- Counts of a municipality: all organisers against the sum of every kind of organiser.

with figures as (

    select * from {{ ref('int_measures__municipalities_resolved') }}

),

counts as (

    select measure_id from {{ ref('ref_measures') }}
    where
        measure_id in (
            'pupils', 'graded_pupils_y6', 'graded_pupils_y9', 'teachers_heads', 'teachers_fte',
            'certified_fte', 'certified_heads'
        )
        or measure_id like 'pupils\_y%' escape '\'

)

select
    figures.municipality_code,
    figures.school_year,
    figures.measure_id,
    max(figures.value) filter (where figures.group_id = 'all') as value_all,
    sum(figures.value) filter (where figures.group_id <> 'all') as value_sum,
    abs(
        max(figures.value) filter (where figures.group_id = 'all')
        - sum(figures.value) filter (where figures.group_id <> 'all')
    ) as difference,
    count(*) filter (where figures.hidden_status is not null) as n_hidden
from figures
inner join counts
    on figures.measure_id = counts.measure_id
where
    figures.group_id = 'all'
    or figures.group_id in (
        'organiser_municipal', 'organiser_independent', 'organiser_state', 'organiser_region',
        'organiser_international'
    )
group by figures.municipality_code, figures.school_year, figures.measure_id
