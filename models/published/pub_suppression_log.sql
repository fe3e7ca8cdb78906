with own as (

    {{ suppression_log_rows('public') | indent(4) }}

),

-- Of open data a figure is hidden where an agency hid it, or where it rests on few.
open_data as (

    select
        figures.indicator_id,
        figures.entity_type,
        groups.dimension,
        count(*) as figures,
        count(*) filter (where figures.suppression is not null or figures.status = 'suppressed_at_source')
            as hidden
    from {{ ref('ind_indicators') }} as figures
    inner join {{ ref('dim_group') }} as groups
        on figures.group_id = groups.group_id
    where figures.value is not null or figures.status = 'suppressed_at_source'
    group by figures.indicator_id, figures.entity_type, groups.dimension

)

select
    indicator_id,
    entity_type,
    dimension,
    figures,
    hidden,
    refused,
    share_hidden,
    refused_why_sv
from own
union all
select
    indicator_id,
    entity_type,
    dimension,
    figures,
    hidden,
    cast(0 as bigint) as refused,
    round(cast(hidden as double) / nullif(figures, 0), 6) as share_hidden,
    cast(null as varchar) as refused_why_sv
from open_data
