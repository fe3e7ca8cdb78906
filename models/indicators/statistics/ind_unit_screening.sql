with findings as (

    select * from {{ ref('ind_screening_findings') }}

),

series as (

    select * from {{ ref('ind_screening_series') }}

),

units as (

    select
        unit_key,
        unit_name,
        is_made_up
    from {{ ref('dim_unit') }}
    where is_current

)

select
    findings.municipality_code,
    findings.unit_key,
    units.unit_name,
    findings.school_year,
    findings.measure_id,
    series.kind,
    series.pupils,
    series.z,
    series.shrunk_high,
    cast(findings.n_observed as bigint) as n_observed,
    findings.is_candidate,
    findings.finding,
    findings.reason,
    'internal' as audience,
    coalesce(units.is_made_up, false) as is_made_up
from findings
inner join series
    on
        findings.municipality_code = series.municipality_code
        and findings.unit_key = series.unit_key
        and findings.school_year = series.school_year
        and findings.measure_id = series.measure_id
left join units
    on findings.unit_key = units.unit_key
