select cast(count(*) as bigint) as problems from pub_internal_delivery_problems
