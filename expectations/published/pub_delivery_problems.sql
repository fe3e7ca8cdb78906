select cast(count(*) as bigint) as problems from pub_delivery_problems
