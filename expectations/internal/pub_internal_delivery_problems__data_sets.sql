-- Data sets of which a delivery failed, each once: of one whose form has changed every year's file fails.
select
    source,
    dataset
from pub_internal_delivery_problems
group by source, dataset
