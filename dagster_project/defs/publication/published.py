"""The published tables, from the dbt manifest."""

from dagster_project.defs.warehouse.dbt_project import manifest

PUBLISHED_SCHEMA = "published"


def published_tables() -> list[str]:
    """Names of the tables that leave the building."""
    return sorted(key_columns())


def key_columns() -> dict[str, list[str]]:
    """Primary key of each published table."""
    return {
        node["name"]: list(node["config"]["meta"]["primary_key"])
        for node in manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["schema"] == PUBLISHED_SCHEMA
    }
