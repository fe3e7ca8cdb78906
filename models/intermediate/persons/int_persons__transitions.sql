-- What became of each pupil from one 15 October to the next: one row per pupil and school year. All pupils
-- of the first October are there; the last October has no next one yet and no rows.
--
-- A pupil in two forms or units is followed where the adapted form is, else at the first unit by code. A
-- unit that goes on under a new code is the same unit. A change of unit is forced when the old unit (or its
-- successor) has nobody in the year group the pupil has come to.

with october as (

    select * from {{ ref('int_persons__october') }}

),

succeeded as (

    select * from {{ ref('int_units__succeeded') }}

),

followed as (

    select
        october.person_key,
        {{ autumn_of('october.school_year') }} as autumn_year,
        october.unit_key,
        coalesce(succeeded.current_unit_key, october.unit_key) as lasting_unit_key,
        october.school_form,
        october.year_group,
        october.education_code,
        -- Years of schooling since preschool class: upper secondary school begins after nine.
        case
            when october.school_form in ('gy', 'gyan') then 9 + october.year_group
            else october.year_group
        end as schooling_year
    from october
    left join succeeded
        on october.unit_key = succeeded.unit_key
    where october.school_form not in ('fs', 'fth')
    qualify
        row_number() over (
            partition by october.person_key, october.school_year
            order by
                case when october.school_form in ('gran', 'gyan') then 0 else 1 end,
                october.unit_key,
                october.school_form
        ) = 1

),

last_year as (

    select max(autumn_year) as autumn_year from followed

),

offered as (

    select
        lasting_unit_key,
        autumn_year,
        schooling_year
    from followed
    where schooling_year is not null
    group by lasting_unit_key, autumn_year, schooling_year

),

paired as (

    select
        earlier.person_key,
        earlier.autumn_year,
        earlier.unit_key,
        earlier.lasting_unit_key,
        earlier.school_form,
        earlier.year_group,
        earlier.schooling_year,
        earlier.education_code,
        later.unit_key as next_unit_key,
        later.lasting_unit_key as next_lasting_unit_key,
        later.school_form as next_school_form,
        later.year_group as next_year_group,
        later.schooling_year as next_schooling_year,
        later.education_code as next_education_code,
        later.person_key is not null as is_there_next_year
    from followed as earlier
    inner join last_year
        on earlier.autumn_year < last_year.autumn_year
    left join followed as later
        on
            earlier.person_key = later.person_key
            and earlier.autumn_year + 1 = later.autumn_year

),

judged as (

    select
        *,
        case
            when not is_there_next_year then 'left_or_gap'
            when schooling_year is null or next_schooling_year is null then 'unknown'
            when next_schooling_year <= schooling_year then 'repeated'
            when next_schooling_year > schooling_year + 1 then 'skipped'
            when lasting_unit_key = next_lasting_unit_key then 'promoted_same_unit'
            else 'promoted_other_unit'
        end as transition
    from paired

)

select
    judged.person_key,
    {{ school_year_from_autumn('judged.autumn_year') }} as school_year,
    judged.unit_key,
    judged.school_form,
    judged.year_group,
    judged.next_unit_key,
    judged.next_school_form,
    judged.next_year_group,
    judged.transition,
    judged.transition = 'promoted_other_unit' and offered.schooling_year is null as is_forced_change,
    coalesce(
        judged.school_form in ('gy', 'gyan') and judged.education_code <> judged.next_education_code, false
    ) as is_changed_education,
    coalesce(
        case judged.school_form
            when 'gr' then judged.year_group >= 9
            when 'gran' then judged.year_group >= 9
            when 'sp' then judged.year_group >= 10
            when 'sam' then judged.year_group >= 6
            when 'gy' then judged.year_group >= 3
            when 'gyan' then judged.year_group >= 4
        end, false
    ) as is_last_year_group
from judged
left join offered
    on
        judged.lasting_unit_key = offered.lasting_unit_key
        and judged.autumn_year + 1 = offered.autumn_year
        and judged.next_schooling_year = offered.schooling_year
