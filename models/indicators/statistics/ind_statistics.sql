-- Every statistic over units in one long table, from own and open data alike.

with segregation as (

    select * from {{ ref('ind_segregation') }}

),

variance as (

    select * from {{ ref('ind_variance') }}

),

gaps as (

    select * from {{ ref('ind_group_gaps') }}

),

allocation as (

    select * from {{ ref('ind_need_allocation') }}

),

structural as (

    select * from {{ ref('ind_structural') }}

),

funnel as (

    select * from {{ ref('ind_funnel') }}

),

value_added as (

    select * from {{ ref('ind_value_added') }}

)

select * from segregation
union all
select * from variance
union all
select * from gaps
union all
select * from allocation
union all
select * from structural
union all
select * from funnel
union all
select * from value_added
