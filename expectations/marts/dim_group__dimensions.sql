-- Number of groups per breakdown; everyone is none.
select
    dimension,
    count(*) as n_groups
from dim_group
where dimension <> 'all'
group by dimension
