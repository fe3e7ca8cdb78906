select cast(count(*) as bigint) as withdrawn_columns from quality.dq_withdrawn_columns
