-- Pupils of 15 October without a spell that day at the unit and in the form, by school year.
with pupils as (

    select
        person_key,
        unit_key,
        school_form,
        school_year,
        make_date(cast(left(school_year, 4) as integer), 10, 15) as counted_on
    from fct_pupil_october

)

select
    pupils.school_year,
    count(*) filter (where spells.enrolment_key is null) as n_without_spell
from pupils
left join fct_enrolment as spells
    on
        pupils.person_key = spells.person_key
        and pupils.unit_key = spells.unit_key
        and pupils.school_form = spells.school_form
        and pupils.counted_on >= spells.start_date
        and pupils.counted_on <= coalesce(spells.end_date, date '9999-12-31')
group by pupils.school_year
