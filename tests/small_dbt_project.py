"""A dbt project of a few models with our materializations and tests, in a warehouse of its own."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from dagster_project.defs.warehouse.dbt_project import DBT_PROJECT_DIR, dbt_executable

_MACROS = DBT_PROJECT_DIR / "macros"
_PROJECT = f"""
name: small
version: "1.0"
profile: small
macro-paths: ["{_MACROS / "materializations"}", "{_MACROS / "tests"}"]
models:
  small:
    +materialized: table
"""
_PROFILE = """
small:
  target: build
  outputs:
    build: {type: duckdb, path: warehouse.duckdb, threads: 1}
"""


def project(folder: Path, described: str) -> Path:
    """A project with no models yet; ``described`` is the YAML about them."""
    (folder / "models").mkdir()
    (folder / "dbt_project.yml").write_text(_PROJECT)
    (folder / "profiles.yml").write_text(_PROFILE)
    (folder / "models" / "described.yml").write_text(described)
    return folder


def dbt(
    folder: Path, command: str, models: Mapping[str, str], *arguments: str, **environment: str
) -> subprocess.CompletedProcess[str]:
    """Write the models, SQL or Python, by name, and run a command of dbt in the project."""
    for name, code in models.items():
        suffix = "py" if code.startswith("def ") else "sql"
        (folder / "models" / f"{name}.{suffix}").write_text(code)
    return subprocess.run(
        [dbt_executable(), command, *arguments],
        cwd=folder,
        env={
            **os.environ,
            "DBT_PROFILES_DIR": str(folder),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
