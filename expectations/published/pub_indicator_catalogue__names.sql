-- Every name that a reader meets: columns of all published tables, and ids of indicators.
select column_name as subject
from duckdb_columns()
where database_name = current_database() and table_name like 'pub\_%' escape '\'

union all

select indicator_id as subject
from pub_indicator_catalogue
