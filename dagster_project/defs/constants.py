"""Names shared by the definitions."""

# One process at a time writes the build file: every step that opens it takes the only slot of this pool.
WAREHOUSE_POOL = "warehouse"

OWNER_ENGINEERING = "team:data-engineering"
OWNER_STATISTICS = "team:statistics"
