"""A dbt project of a few models with our materializations and tests, in a warehouse of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR

_MACROS = DBT_PROJECT_DIR / "macros"
_PROJECT = f"""
name: small
version: "1.0"
profile: small
macro-paths: ["{_MACROS / "materializations"}", "{_MACROS / "tests"}"]
flags: {{ send_anonymous_usage_stats: false }}
models:
  small:
    +materialized: table
"""
_PROFILE = """
small:
  target: build
  outputs:
    build: {{type: duckdb, path: "{path}", threads: 1}}
"""


@dataclass(frozen=True)
class Done:
    """What came of a command of dbt, and what it said."""

    succeeded: bool
    said: str


def project(folder: Path, described: str) -> Path:
    """A project with no models yet; ``described`` is the YAML about them."""
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(_PROJECT)
    (folder / "profiles.yml").write_text(_PROFILE.format(path=folder / "warehouse.duckdb"))
    (folder / "models" / "described.yml").write_text(described)
    return folder


def dbt(folder: Path, command: str, models: Mapping[str, str], *arguments: str, **environment: str) -> Done:
    """Write the models, SQL or Python, by name, and run a command of dbt in the project, in this process."""
    for name, code in models.items():
        suffix = "py" if code.startswith("def ") else "sql"
        (folder / "models" / f"{name}.{suffix}").write_text(code)
    said: list[str] = []

    def listen(event: object) -> None:
        if event.info.level != "debug":  # type: ignore[attr-defined]
            said.append(event.info.msg)  # type: ignore[attr-defined]

    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, value in environment.items():
            patch.setenv(name, value)
        try:
            result = dbtRunner(callbacks=[listen]).invoke(
                ["--quiet", command, *arguments, "--profiles-dir", str(folder)]
            )
        finally:
            # Else the file stays open, and nobody else can read it.
            DuckDBConnectionManager.close_all_connections()
    return Done(bool(result.success), "\n".join([*said, str(result.exception or "")]))
