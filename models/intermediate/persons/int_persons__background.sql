-- What the municipality has last delivered about each pupil's background: one row per pupil. Empty is not
-- known.

with background as (

    select * from {{ ref('stg_deliveries__background') }}

)

select
    person_key,
    school_year as background_school_year,
    parents_education,
    foreign_background,
    newly_arrived,
    newly_immigrated
from background
qualify row_number() over (partition by person_key order by school_year desc) = 1
