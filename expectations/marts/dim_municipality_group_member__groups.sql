-- What is in the comparison group of each municipality and school form.
select
    members.municipality_code,
    members.school_form,
    count(distinct members.municipality_group_id) as n_groups,
    count(*) as n_members,
    count(*) filter (where not contains(members.group_title, owners.municipality_name)) as n_foreign_titles
from dim_municipality_group_member as members
inner join dim_municipality as owners
    on members.municipality_code = owners.municipality_code
group by members.municipality_code, members.school_form
