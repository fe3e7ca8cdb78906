"""Where the dbt project lies, its manifest, and the environment its profile reads."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.lib import fingerprint
from dagster_project.lib.build_state import RawTable
from dagster_project.lib.errors import EquityError
from dagster_project.settings import PROJECT_ROOT, Settings, load

DBT_PROJECT_DIR = PROJECT_ROOT / "dbt_project"
TARGET_DIR = DBT_PROJECT_DIR / "target"
MANIFEST_PATH = TARGET_DIR / "manifest.json"
_PARSED_FROM = TARGET_DIR / "parsed_from.txt"
_ALWAYS_BUILT = {"published", "published_internal", "quality"}
_DBT_FILES = ("models/**/*", "seeds/**/*", "tests/dbt/**/*", "dbt_project/*.yml", "dbt_project/macros/**/*")


class DbtParseError(EquityError):
    """The dbt project cannot be parsed."""


def dbt_executable() -> str:
    """The dbt beside the running interpreter."""
    return str(Path(sys.executable).parent / "dbt")


def dbt_environment(settings: Settings) -> dict[str, str]:
    """Environment variables that ``dbt_project/profiles.yml`` reads."""
    return {
        "EQUITY_WAREHOUSE_PATH": str(settings.warehouse_path),
        "EQUITY_MEMORY_LIMIT": settings.memory_limit,
        "EQUITY_THREADS": str(settings.threads),
        "EQUITY_TEMP_DIR": str(settings.data_dir / "tmp"),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DO_NOT_TRACK": "1",
    }


@cache
def manifest() -> Mapping[str, Any]:
    """The dbt manifest of the files as they are now; parsed anew only when one of them has changed.

    No warehouse is needed. Several processes may ask at once: one parses, the others wait.

    Raises:
        DbtParseError: with what dbt said.
    """
    TARGET_DIR.mkdir(parents=True, exist_ok=True)
    with (TARGET_DIR / ".parse.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint.of_files(PROJECT_ROOT, _DBT_FILES)
        if not (MANIFEST_PATH.exists() and _PARSED_FROM.exists() and _PARSED_FROM.read_text() == wanted):
            _parse()
            _PARSED_FROM.write_text(wanted)
        parsed: dict[str, Any] = json.loads(MANIFEST_PATH.read_text(encoding="utf-8"))
        return parsed


def untouched_by(dbt_manifest: Mapping[str, Any], changed: Sequence[RawTable]) -> set[str]:
    """Names of models and seeds that do not depend on any of the raw tables that have changed.

    Published and quality tables are never among them: they are small, and the candidate is made of them.
    """
    sources = {
        (node["source_name"], node["name"]): unique_id for unique_id, node in dbt_manifest["sources"].items()
    }
    waiting = [
        sources[table.source, table.name] for table in changed if (table.source, table.name) in sources
    ]
    waiting += [
        unique_id
        for unique_id, node in dbt_manifest["nodes"].items()
        if node["resource_type"] == "model" and node["schema"] in _ALWAYS_BUILT
    ]
    touched: set[str] = set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in touched:
            touched.add(unique_id)
            waiting += dbt_manifest["child_map"][unique_id]
    return {
        node["name"]
        for unique_id, node in dbt_manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed"} and unique_id not in touched
    }


def _parse() -> None:
    result = subprocess.run(
        [dbt_executable(), "--quiet", "parse", "--profiles-dir", str(DBT_PROJECT_DIR)],
        cwd=DBT_PROJECT_DIR,
        # The build's own environment: dbt parses everything anew when its profile has changed.
        env={**os.environ, **dbt_environment(load())},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise DbtParseError(f"dbt could not parse the project:\n{result.stdout}{result.stderr}")
