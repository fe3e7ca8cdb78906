-- What every mart holds: one row per mart, period and whom its rows are about (unit, organiser, municipality;
-- of persons there are only numbers), `all` where a mart has none. A unit that is lost on the way, a skipped
-- school year and figures that have become missing show here, whatever the mart is about.

-- Mart: its period, whom its rows are about, and its figure, where it has one.
{% set looked_at = {
    'dim_area': [none, 'area_key', none],
    'dim_group': [none, none, none],
    'dim_measure': [none, none, none],
    'dim_municipality': [none, 'municipality_code', none],
    'dim_municipality_group_member': [none, 'municipality_code', none],
    'dim_organiser': [none, 'organiser_number', none],
    'dim_pupil': [none, none, none],
    'dim_pupil_year': ['school_year', none, none],
    'dim_school_form': [none, none, none],
    'dim_school_year': [none, none, none],
    'dim_staff': [none, none, none],
    'dim_unit': [none, 'unit_key', none],
    'fct_absence_signal': ['school_year', 'unit_key', none],
    'fct_early_assessment': ['school_year', 'unit_key', none],
    'fct_enrolment': ['school_year', 'unit_key', none],
    'fct_grade': ['school_year', 'unit_key', none],
    'fct_grade_forecast': ['school_year', 'unit_key', none],
    'fct_improvement_measure': [none, 'unit_key', none],
    'fct_municipality_attendance_year': ['school_year', 'municipality_code', 'value'],
    'fct_municipality_composition': ['school_year', 'municipality_code', 'value'],
    'fct_municipality_resources': ['school_year', 'municipality_code', 'value'],
    'fct_municipality_result_spread': ['school_year', 'municipality_code', none],
    'fct_municipality_results': ['school_year', 'municipality_code', 'value'],
    'fct_municipality_staff_competence': ['school_year', 'municipality_code', 'value'],
    'fct_municipality_staffing': ['school_year', 'municipality_code', 'value'],
    'fct_municipality_variance_adjusted': ['school_year', 'municipality_code', none],
    'fct_national_test': ['school_year', 'unit_key', none],
    'fct_organiser_quality': ['school_year', 'organiser_number', 'value'],
    'fct_principal_tenure': ['school_year', 'unit_key', none],
    'fct_pupil_attendance_month': ['school_year', 'unit_key', none],
    'fct_pupil_attendance_year': ['school_year', 'entity_key', none],
    'fct_pupil_october': ['school_year', 'unit_key', none],
    'fct_staff_assignment': ['school_year', 'unit_key', none],
    'fct_structural_compensation': ['school_year', 'unit_key', none],
    'fct_transition': ['school_year', 'unit_key', none],
    'fct_unit_attendance_month': ['school_year', 'unit_key', 'value'],
    'fct_unit_attendance_year': ['school_year', 'unit_key', 'value'],
    'fct_unit_composition': ['school_year', 'unit_key', 'value'],
    'fct_unit_early_assessment': ['school_year', 'unit_key', 'value'],
    'fct_unit_final_grades': ['school_year', 'unit_key', 'value'],
    'fct_unit_grade_forecast': ['school_year', 'unit_key', 'value'],
    'fct_unit_local_survey': ['school_year', 'unit_key', 'value'],
    'fct_unit_national_test': ['school_year', 'unit_key', 'value'],
    'fct_unit_need_index': ['school_year', 'unit_key', none],
    'fct_unit_preschool_days': ['school_year', 'unit_key', 'value'],
    'fct_unit_pupil_groups': ['school_year', 'unit_key', 'value'],
    'fct_unit_resources': ['calendar_year', 'unit_key', none],
    'fct_unit_result_moments': ['school_year', 'unit_key', none],
    'fct_unit_results': ['school_year', 'unit_key', 'value'],
    'fct_unit_staff_competence': ['school_year', 'unit_key', 'value'],
    'fct_unit_staffing': ['school_year', 'unit_key', 'value'],
    'fct_unit_survey': ['school_year', 'unit_key', 'value'],
    'fct_unit_upper_secondary': ['start_year', 'unit_key', 'value'],
    'fct_unit_value_added': ['school_year', 'unit_key', 'value'],
    'fct_upper_secondary_outcome': ['start_year', 'unit_key', none],
} %}

{% for mart, (period, entity, value) in looked_at.items() %}
select
    '{{ mart }}' as mart,
    {{ 'cast(' ~ period ~ ' as varchar)' if period else "'all'" }} as period,
    {{ "coalesce(" ~ entity ~ ", 'all')" if entity else "'all'" }} as entity_key,
    count(*) as n_rows,
    {{ 'count(' ~ value ~ ')' if value else 'cast(null as bigint)' }} as n_values
from {{ ref(mart) }}
group by mart, period, entity_key
{% if not loop.last %}
union all
{% endif %}
{% endfor %}
