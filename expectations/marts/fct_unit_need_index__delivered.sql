-- How the index goes with the delivered one, per school year.
select
    need.school_year,
    count(*) as n_units,
    corr(need.index_value, paid.index_value) as agreement
from fct_unit_need_index as need
inner join fct_structural_compensation as paid
    on
        need.unit_key = paid.unit_key
        and need.school_year = paid.school_year
        and paid.school_form = 'gr'
where need.index_value is not null and paid.index_value is not null
group by need.school_year
