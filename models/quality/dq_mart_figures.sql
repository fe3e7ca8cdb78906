-- What every mart says on the whole: one row per mart, period and kind of figure (measure, subject,
-- component; the column itself where a mart has but one), or what its rows are (transition, outcome, school
-- form). A source that has changed a definition, mixed up two columns or counts other pupils moves a mean, a
-- spread or a share, whatever the mart is about. Left out are marts that are lists: areas, groups, measures,
-- school years and so on.

-- Mart: its period, what kinds of figures it has, the figure, and its coverage, where it has one.
{% set looked_at = {
    'fct_grade': ['school_year', 'school_form', 'points', none],
    'fct_municipality_attendance_year': ['school_year', "'value'", 'value', 'coverage'],
    'fct_municipality_composition': ['school_year', 'measure_id', 'value', none],
    'fct_municipality_resources': ['school_year', 'measure_id', 'value', none],
    'fct_municipality_result_spread': ['school_year', 'measure_id', 'standard_deviation', none],
    'fct_municipality_results': ['school_year', 'measure_id', 'value', none],
    'fct_municipality_staff_competence': ['school_year', 'measure_id', 'value', 'coverage'],
    'fct_municipality_staffing': ['school_year', 'measure_id', 'value', none],
    'fct_municipality_variance_adjusted': ['school_year', 'measure_id', 'icc_adjusted', 'coverage'],
    'fct_national_test': ['school_year', 'subject_code', 'points', none],
    'fct_organiser_quality': ['school_year', 'measure_id', 'value', none],
    'fct_principal_tenure': ['school_year', "'n_principals'", 'n_principals', none],
    'fct_pupil_attendance_month': ['school_year', "'absent_minutes'", 'absent_minutes', none],
    'fct_pupil_attendance_year': ['school_year', "'absence_share'", 'absence_share', none],
    'fct_pupil_october': ['school_year', 'school_form', 'year_group', none],
    'fct_staff_assignment': ['school_year', "'fte_percent'", 'fte_percent', none],
    'fct_structural_compensation': ['school_year', "'paid_kronor'", 'paid_kronor', none],
    'fct_unit_attendance_month': ['school_year', "'value'", 'value', 'coverage'],
    'fct_unit_attendance_year': ['school_year', "'value'", 'value', 'coverage'],
    'fct_unit_composition': ['school_year', 'measure_id', 'value', none],
    'fct_unit_early_assessment': ['school_year', "'value'", 'value', 'coverage'],
    'fct_unit_final_grades': ['school_year', 'measure_id', 'value', none],
    'fct_unit_grade_forecast': ['school_year', 'subject_code', 'value', 'coverage'],
    'fct_unit_local_survey': ['school_year', "'value'", 'value', 'coverage'],
    'fct_unit_national_test': ['school_year', 'subject_code', 'value', 'coverage'],
    'fct_unit_need_index': ['school_year', "'index_value'", 'index_value', 'coverage'],
    'fct_unit_preschool_days': ['school_year', "'value'", 'value', none],
    'fct_unit_pupil_groups': ['school_year', 'school_form', 'value', 'coverage'],
    'fct_unit_resources': ['calendar_year', 'component', 'kronor_per_pupil', none],
    'fct_unit_result_moments': ['school_year', 'measure_id', 'mean_value', none],
    'fct_unit_results': ['school_year', 'measure_id', 'value', none],
    'fct_unit_staff_competence': ['school_year', 'measure_id', 'value', 'coverage'],
    'fct_unit_staffing': ['school_year', 'measure_id', 'value', none],
    'fct_unit_survey': ['school_year', 'measure_id', 'value', none],
    'fct_unit_upper_secondary': ['start_year', "'value'", 'value', none],
    'fct_unit_value_added': ['school_year', 'measure_id', 'value', none],
} %}

-- Mart: its period, and what its rows are.
{% set counted = {
    'dim_organiser': ["'all'", 'organiser_kind'],
    'dim_pupil': ["'all'", 'school_form'],
    'dim_pupil_year': ['school_year', 'parents_education'],
    'dim_staff': ["'all'", 'duty_role'],
    'dim_unit': ["'all'", 'organiser_kind'],
    'fct_absence_signal': ['school_year', 'signal'],
    'fct_early_assessment': ['school_year', 'outcome'],
    'fct_enrolment': ['school_year', 'school_form'],
    'fct_grade_forecast': ['school_year', 'outcome_of_forecast'],
    'fct_improvement_measure': ["'all'", 'measure_status'],
    'fct_transition': ['school_year', 'transition'],
    'fct_upper_secondary_outcome': ['start_year', 'outcome'],
} %}

{% for mart, (period, figure, value, coverage) in looked_at.items() %}
select
    '{{ mart }}' as mart,
    cast({{ period }} as varchar) as period,
    coalesce({{ figure }}, 'none') as figure,
    'mean' as statistic,
    count({{ value }}) as n_values,
    -- In an order of their own: the last bits of a sum depend on it.
    avg(cast({{ value }} as double) order by {{ value }}) as mean_value,
    stddev_samp(cast({{ value }} as double) order by {{ value }}) as standard_deviation,
    {{ 'avg(' ~ coverage ~ ' order by ' ~ coverage ~ ')' if coverage else 'cast(null as double)' }}
        as mean_coverage
from {{ ref(mart) }}
group by mart, period, figure
union all
{% endfor %}

{% for mart, (period, kind) in counted.items() %}
select
    '{{ mart }}' as mart,
    cast({{ period }} as varchar) as period,
    coalesce({{ kind }}, 'none') as figure,
    'share' as statistic,
    cast(sum(count(*)) over (partition by {{ period }}) as bigint) as n_values,
    count(*) / sum(count(*)) over (partition by {{ period }}) as mean_value,
    -- Of one row more, half of which is of the kind: what all rows are has a spread too.
    sqrt(
        (count(*) + 0.5) * (sum(count(*)) over (partition by {{ period }}) - count(*) + 0.5)
    ) / (sum(count(*)) over (partition by {{ period }}) + 1) as standard_deviation,
    cast(null as double) as mean_coverage
from {{ ref(mart) }}
group by {{ period }}, {{ kind }}
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
