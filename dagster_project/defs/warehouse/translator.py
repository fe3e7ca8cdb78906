"""How dbt nodes look in Dagster: groups by layer, owners, kinds, column schemas of contracts."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, DbtProject

from dagster_project.defs.constants import OWNER_ENGINEERING, OWNER_STATISTICS

LAYERS = ("staging", "intermediate", "marts", "indicators", "published", "quality")
#: Folder, schema and group of the marts about single persons.
RESTRICTED = "restricted"
# Layers whose content is a matter of definitions rather than of plumbing.
_STATISTICS_LAYERS = frozenset({"indicators", "published"})


def layer_of(props: Mapping[str, Any]) -> str:
    """Layer of a dbt node: the folder below models/, or ``seeds``.

    Raises:
        KeyError: a model lies in a folder that is no layer.
    """
    if props["resource_type"] == "seed":
        return "seeds"
    folder = str(props["fqn"][1])
    if folder not in LAYERS:
        raise KeyError(f"{props['unique_id']} lies in {folder!r}, which is no layer of this warehouse")
    return folder


class EquityDbtTranslator(DagsterDbtTranslator):
    """Asset keys are dbt's own (source tables keep theirs, which the extract assets share)."""

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(
                enable_asset_checks=True,
                enable_duplicate_source_asset_keys=True,
                enable_source_tests_as_checks=False,
            )
        )

    def get_asset_check_spec(
        self,
        asset_spec: dg.AssetSpec,
        manifest: Mapping[str, Any],
        unique_id: str,
        project: DbtProject | None,
    ) -> dg.AssetCheckSpec | None:
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        # One check stands for many rules: who looks at it shall see which.
        return spec._replace(description=_asked_by(manifest["nodes"][unique_id])) if spec else None

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str:
        # Who looks for a mart shall see at once which ones are about single persons.
        if dbt_resource_props["fqn"][1:3] == ["marts", RESTRICTED]:
            return RESTRICTED
        return layer_of(dbt_resource_props)

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> Sequence[str]:
        is_statistics = layer_of(dbt_resource_props) in _STATISTICS_LAYERS
        return [OWNER_STATISTICS if is_statistics else OWNER_ENGINEERING]

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        columns = [
            dg.TableColumn(
                name, column.get("data_type") or "string", description=column.get("description") or None
            )
            for name, column in dbt_resource_props.get("columns", {}).items()
            if column.get("data_type")
        ]
        metadata = dict(super().get_metadata(dbt_resource_props))
        if columns:
            metadata["dagster/column_schema"] = dg.TableSchema(columns=columns)
        return metadata


def _asked_by(test: Mapping[str, Any]) -> str | None:
    """What a dbt test asks of its table, in Markdown; None where its name says it."""
    kind = test.get("test_metadata") or {}
    asked = kind.get("kwargs", {})
    match kind.get("name"):
        case "primary_key":
            return _one_row_for(asked.get("columns") or [asked["column_name"]])
        case "keys_and_rules":
            key = [_one_row_for(asked["primary_key"])] if "primary_key" in asked else []
            found = [
                f"`{column}` is found in `{table}`."
                for column, table in asked.get("foreign_keys", {}).items()
            ]
            kept = [f"`{rule}`" for rule in asked.get("rules", [])]
            return "\n".join(f"- {promise}" for promise in [*key, *found, *kept])
    return None


def _one_row_for(columns: Sequence[str]) -> str:
    return f"One row for each `{'`, `'.join(columns)}`; none of them is missing."
