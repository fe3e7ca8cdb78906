"""Where the dbt project lies, its manifest, and the environment its profile reads."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Container, Mapping, Sequence
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
# Everything own data and open data share passes through these three. They hardly ever change from one day
# to the next, and most of the warehouse hangs on them.
SHARED_DIMENSIONS = ("dim_municipality", "dim_organiser", "dim_unit")
# The loader's accounts.
_ACCOUNTS = "raw"
# What day it is, is told by everything that source tells.
_TODAY, _TELLS_TODAY = "stg_ss12000__as_of", "ss12000"
# A view of all deletions: `build_state` says from which raw tables something was deleted.
_TOLD = "stg_ss12000__deleted_entities"
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


def touched_by(
    dbt_manifest: Mapping[str, Any], changed: Sequence[RawTable], *, unchanged: Container[str] = ()
) -> set[str]:
    """Unique ids of what depends on raw tables that have changed, found past what came out unchanged.

    Args:
        dbt_manifest: dbt's manifest.
        changed: the raw tables.
        unchanged: names of models that were built anew and came out as they were.

    What reads the loader's own accounts (source ``raw``) outside staging is always among them: those change
    with every run. So is the day it is, whenever a source of own data has told something.
    """
    sources, nodes = dbt_manifest["sources"], dbt_manifest["nodes"]
    named = {(node["source_name"], node["name"]): unique_id for unique_id, node in sources.items()}
    waiting = [named[table.source, table.name] for table in changed if (table.source, table.name) in named]
    waiting += [
        unique_id
        for unique_id, node in nodes.items()
        if node["name"] == _TODAY and any(table.source == _TELLS_TODAY for table in changed)
    ]
    waiting += [
        child
        for unique_id, node in sources.items()
        if node["source_name"] == _ACCOUNTS
        for child in dbt_manifest["child_map"][unique_id]
        if child in nodes and nodes[child]["schema"] != "staging"
    ]
    touched: set[str] = set()
    while waiting:
        unique_id = waiting.pop()
        is_passed_by = unique_id in nodes and nodes[unique_id]["name"] in unchanged
        if unique_id not in touched and not is_passed_by and nodes.get(unique_id, {}).get("name") != _TOLD:
            touched.add(unique_id)
            waiting += dbt_manifest["child_map"][unique_id]
    return touched


def names_of(dbt_manifest: Mapping[str, Any], unique_ids: Container[str], *, but: bool = False) -> list[str]:
    """Names of the models and seeds among ``unique_ids``, or of those that are not, in order."""
    return sorted(
        node["name"]
        for unique_id, node in dbt_manifest["nodes"].items()
        if node["resource_type"] in {"model", "seed"} and (unique_id in unique_ids) is not but
    )


def ancestors_of(dbt_manifest: Mapping[str, Any], models: Container[str]) -> set[str]:
    """Unique ids of models by name, and of everything they are built from."""
    waiting = [
        unique_id
        for unique_id, node in dbt_manifest["nodes"].items()
        if node["resource_type"] == "model" and node["name"] in models
    ]
    found: set[str] = set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in found:
            found.add(unique_id)
            waiting += dbt_manifest["parent_map"][unique_id]
    return found


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
