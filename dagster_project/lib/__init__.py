"""Pure code: readers, HTTP clients, release store. Imports neither Dagster, dbt nor Great Expectations."""
