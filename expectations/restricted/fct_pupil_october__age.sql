-- Years by which the middle pupil is older than the year group, by form, year group and school year.
select
    october.school_form,
    october.year_group,
    october.school_year,
    count(*) as n_pupils,
    median(
        cast(left(october.school_year, 4) as integer) - cast(left(pupils.birth_month, 4) as integer)
        - october.year_group - 6
    ) as years_older
from fct_pupil_october as october
inner join dim_pupil as pupils
    on october.person_key = pupils.person_key
where
    october.school_form in ('fsk', 'gr') and october.year_group is not null and pupils.birth_month is not null
group by october.school_form, october.year_group, october.school_year
