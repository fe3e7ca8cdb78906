-- What was paid less what the ledger says, per unit and school year.
select
    paid.unit_key,
    paid.school_year,
    paid.paid_kronor - ledger.amount_kronor as paid_off
from fct_structural_compensation as paid
inner join dim_school_year as years
    on paid.school_year = years.school_year
left join fct_unit_resources as ledger
    on
        paid.unit_key = ledger.unit_key
        and years.autumn_year = ledger.calendar_year
        and paid.paid_kind = ledger.kind
        and ledger.component = 'strukturersattning'
where paid.paid_kronor is not null
