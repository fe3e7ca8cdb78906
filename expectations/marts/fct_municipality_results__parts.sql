-- Shares that hang together, per municipality, year and group: percent in year 6, percentage points in 9.
select
    municipality_code,
    school_year,
    group_id,
    sum(value) filter (where measure_id = 'passed_all_subjects_y6')
    + sum(value) filter (where measure_id = 'failed_one_subject_y6')
    + sum(value) filter (where measure_id = 'failed_several_subjects_y6') as percent_y6,
    sum(value) filter (where measure_id = 'eligible_vocational_y9')
    - max(value) filter (
        where measure_id in ('eligible_arts_y9', 'eligible_science_y9', 'eligible_social_y9')
    ) as more_for_vocational
from fct_municipality_results
where
    measure_id in (
        'passed_all_subjects_y6', 'failed_one_subject_y6', 'failed_several_subjects_y6',
        'eligible_vocational_y9', 'eligible_arts_y9', 'eligible_science_y9', 'eligible_social_y9'
    )
group by municipality_code, school_year, group_id
