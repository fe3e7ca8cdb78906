with log as (

    {{ suppression_log_rows('public') | indent(4) }}

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
from log
