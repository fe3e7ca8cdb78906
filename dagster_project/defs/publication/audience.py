"""For whom a release is made: everybody, or the administration. Each has a gate and a pointer of its own."""

from dataclasses import dataclass

import dagster as dg

from dagster_project.defs.resources import EquityResource
from dagster_project.defs.warehouse.dbt_project import manifest
from dagster_project.lib.expectations.suite import Stage
from dagster_project.lib.release.store import ReleaseStore


@dataclass(frozen=True)
class Audience:
    """One audience.

    Attributes:
        name: ``public`` or ``internal``; also the audience of ``thr_disclosure``.
        readers: who they are, for descriptions.
        schema: schema of its tables in the build file.
        stage: folder of ``expectations/`` with the suites on its candidate.
        stages_of_build: further folders, whose suites look at the build file.
        suffix: ends the names of its assets.
        option: names its releases on the command line.
    """

    name: str
    readers: str
    schema: str
    stage: Stage
    stages_of_build: tuple[Stage, ...]
    suffix: str
    option: str

    @property
    def candidate_key(self) -> dg.AssetKey:
        """Asset of the candidate."""
        return dg.AssetKey(f"candidate{self.suffix}")

    @property
    def release_key(self) -> dg.AssetKey:
        """Asset of the release."""
        return dg.AssetKey(f"release{self.suffix}")

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Folders of all suites of its gate."""
        return (*self.stages_of_build, self.stage)

    def store(self, equity: EquityResource) -> ReleaseStore:
        """Where its releases lie."""
        return equity.releases if self is PUBLIC else equity.internal_releases

    def tables(self) -> list[str]:
        """Names of the tables it gets, from the dbt manifest."""
        return sorted(self.key_columns())

    def key_columns(self) -> dict[str, list[str]]:
        """Primary key of each of its tables, from the dbt manifest."""
        return {
            node["name"]: list(node["config"]["meta"]["primary_key"])
            for node in manifest()["nodes"].values()
            if node["resource_type"] == "model" and node["schema"] == self.schema
        }


PUBLIC = Audience(
    name="public",
    readers="everybody",
    schema="published",
    stage="published",
    stages_of_build=("extracts", "quality", "marts", "restricted"),
    suffix="",
    option="",
)
INTERNAL = Audience(
    name="internal",
    readers="the administration",
    schema="published_internal",
    stage="internal",
    stages_of_build=(),
    suffix="_internal",
    option="--internal",
)
AUDIENCES = (PUBLIC, INTERNAL)
