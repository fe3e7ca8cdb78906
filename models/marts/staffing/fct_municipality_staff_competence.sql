with figures as (

    select * from {{ ref('int_staffing__competence') }}
    where entity_type = 'municipality'

)

select
    figures.entity_key as municipality_code,
    figures.school_year,
    figures.measure_id,
    figures.subject_code,
    figures.stage,
    figures.n_persons,
    figures.numerator,
    figures.denominator,
    figures.value,
    figures.coverage,
    figures.status,
    figures.entity_key = '9999' as is_made_up
from figures
