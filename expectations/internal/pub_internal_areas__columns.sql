-- The table's columns, whatever rows it has.
select * from pub_internal_areas
