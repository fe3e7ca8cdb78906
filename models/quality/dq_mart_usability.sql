-- Which units' own figures can be used, mart by mart, for the latest period the mart has: one row per mart
-- and unit, with the reason in Swedish for the officer who must chase what is missing. Thresholds are
-- `thr_usability`. A unit is looked at when it has pupils the mart is about.

with thresholds as (

    select * from {{ ref('thr_usability') }}

),

pupils as (

    select * from {{ ref('int_persons__october') }}

),

forecasts as (

    select * from {{ ref('int_outcomes__grade_forecasts') }}

),

coverage_by_month as (

    select * from {{ ref('dq_coverage') }}

),

resources as (

    select * from {{ ref('fct_unit_resources') }}

),

compensation as (

    select * from {{ ref('fct_structural_compensation') }}

),

groups as (

    select * from {{ ref('fct_unit_pupil_groups') }}

),

survey as (

    select * from {{ ref('fct_unit_local_survey') }}

),

tests as (

    select * from {{ ref('fct_unit_national_test') }}

),

assessments as (

    select * from {{ ref('fct_unit_early_assessment') }}

),

throughput as (

    select * from {{ ref('fct_unit_upper_secondary') }}

),

forecast_pupils as (

    select
        pupils.unit_key,
        pupils.school_year,
        count(distinct pupils.person_key) as n_pupils,
        count(distinct forecasts.person_key) as n_forecast
    from pupils
    left join forecasts
        on
            pupils.person_key = forecasts.person_key
            and pupils.school_year = forecasts.school_year
    where pupils.school_form = 'gr' and pupils.year_group = 9
    group by pupils.unit_key, pupils.school_year

),

-- How much each mart knows of a unit in a school year.
known as (

    select
        'fct_unit_staff_competence' as mart,
        unit_key,
        {{ school_year_of('month_start') }} as school_year,
        coverage
    from coverage_by_month
    where coverage_of = 'staff_certification'

    union all

    select
        'fct_unit_resources' as mart,
        unit_key,
        {{ school_year_from_autumn('calendar_year') }} as school_year,
        1.0 as coverage
    from resources
    where component = 'all' and kind = 'utfall'

    union all

    select
        'fct_structural_compensation' as mart,
        unit_key,
        school_year,
        case when calculated_kronor is null or is_index_missing then 0.0 else 1.0 end as coverage
    from compensation
    where school_form = 'all'

    union all

    select
        'fct_unit_pupil_groups' as mart,
        unit_key,
        school_year,
        max(coverage) as coverage
    from groups
    where school_form = 'gr' and dimension = 'parents_education'
    group by unit_key, school_year

    union all

    select
        'fct_unit_local_survey' as mart,
        unit_key,
        school_year,
        case when status = 'ok' then coverage else 0.0 end as coverage
    from survey
    where respondent = 'elever' and question_area = 'trygghet' and year_group = '5'

    union all

    select
        'fct_unit_national_test' as mart,
        unit_key,
        school_year,
        coverage
    from tests
    where year_group = 6 and subject_code = 'MA'

    union all

    select
        'fct_unit_early_assessment' as mart,
        unit_key,
        school_year,
        coverage
    from assessments
    where assessment = 'kartlaggning_forskoleklass' and area = 'sprak'

    union all

    select
        'fct_unit_grade_forecast' as mart,
        unit_key,
        school_year,
        cast(n_forecast as double) / nullif(n_pupils, 0) as coverage
    from forecast_pupils
    where n_forecast > 0

    union all

    select
        'fct_unit_upper_secondary' as mart,
        unit_key,
        {{ school_year_from_autumn('start_year') }} as school_year,
        1.0 as coverage
    from throughput
    where programme_kind = 'all' and programme_code = 'all' and within_years = 3

    union all

    select
        'fct_unit_attendance_month' as mart,
        unit_key,
        {{ school_year_of('month_start') }} as school_year,
        cast(sum(n_known) as double) / nullif(sum(n_expected), 0) as coverage
    from coverage_by_month
    where coverage_of = 'attendance'
    group by unit_key, {{ school_year_of('month_start') }}

),

latest as (

    select
        mart,
        max(school_year) as school_year
    from known
    group by mart

),

-- Nothing delivered anywhere: the latest school year with pupils is what is missing.
latest_pupils as (

    select max(school_year) as school_year from pupils

),

periods as (

    select
        thresholds.mart,
        coalesce(latest.school_year, latest_pupils.school_year) as school_year
    from thresholds
    cross join latest_pupils
    left join latest
        on thresholds.mart = latest.mart

),

expected as (

    select
        thresholds.mart,
        pupils.unit_key,
        periods.school_year,
        thresholds.subject_sv,
        thresholds.remedy_sv,
        thresholds.minimum_coverage
    from thresholds
    inner join periods
        on thresholds.mart = periods.mart
    inner join pupils
        on
            periods.school_year = pupils.school_year
            and (
                thresholds.school_forms is null
                or list_contains(string_split(thresholds.school_forms, ','), pupils.school_form)
            )
            and coalesce(thresholds.year_group_from <= pupils.year_group, thresholds.year_group_from is null)
            and coalesce(thresholds.year_group_to >= pupils.year_group, thresholds.year_group_to is null)
    group by
        thresholds.mart,
        pupils.unit_key,
        periods.school_year,
        thresholds.subject_sv,
        thresholds.remedy_sv,
        thresholds.minimum_coverage

),

judged as (

    select
        expected.*,
        known.unit_key is not null as is_delivered,
        known.coverage,
        coalesce(known.coverage >= expected.minimum_coverage, false) as is_usable
    from expected
    left join known
        on
            expected.mart = known.mart
            and expected.unit_key = known.unit_key
            and expected.school_year = known.school_year

)

select
    mart,
    unit_key,
    school_year,
    is_usable,
    cast(coverage as double) as coverage,
    minimum_coverage,
    case
        when is_usable then null
        when not is_delivered then subject_sv || ': inga uppgifter finns för läsåret ' || school_year || '.'
        when coverage is null then subject_sv || ': går inte att räkna ut för läsåret ' || school_year || '.'
        else
            subject_sv || ': ' || cast(cast(floor(100 * coverage) as integer) as varchar)
            || ' procent är känt för läsåret ' || school_year || ', minst '
            || cast(cast(100 * minimum_coverage as integer) as varchar) || ' procent behövs.'
    end as reason_sv,
    case when not is_usable then remedy_sv end as what_to_do_sv
from judged
