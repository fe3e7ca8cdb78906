"""Where the dbt project lies, its manifest, and the environment its profile reads."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Container, Iterable, Mapping, Sequence
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


def dbt_environment(settings: Settings, *, only_changes: bool = False) -> dict[str, str]:
    """Environment variables that ``dbt_project/profiles.yml`` and the materializations read.

    Args:
        settings: of the installation.
        only_changes: a table none of whose inputs has changed stands as it is (``build_state.begin``).
    """
    return {
        "EQUITY_WAREHOUSE_PATH": str(settings.warehouse_path),
        "EQUITY_MEMORY_LIMIT": settings.memory_limit,
        "EQUITY_THREADS": str(settings.threads),
        "EQUITY_BUILD": "changes" if only_changes else "everything",
        "EQUITY_TEMP_DIR": str(settings.data_dir / "tmp"),
        # What dbt does, Dagster keeps; a second copy would take a twentieth of the time of each node.
        "DBT_LOG_LEVEL_FILE": "none",
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


def changed_sources(dbt_manifest: Mapping[str, Any], changed: Sequence[RawTable]) -> set[str]:
    """Unique ids of raw tables that have changed, as dbt knows them.

    The loader's own accounts (source ``raw``) are always among them: those change with every run.
    """
    return {
        unique_id
        for unique_id, node in dbt_manifest["sources"].items()
        if node["source_name"] == _ACCOUNTS or RawTable(node["source_name"], node["name"]) in changed
    }


def touched_by(
    dbt_manifest: Mapping[str, Any], changed: Sequence[RawTable], *, unfinished: Iterable[str] = ()
) -> set[str]:
    """Unique ids of what depends on raw tables that have changed: what a build has to look at.

    Args:
        dbt_manifest: dbt's manifest.
        changed: the raw tables.
        unfinished: unique ids of what earlier builds changed, without building what depends on it.

    What reads the loader's own accounts in staging is not among them for that: each row of a raw table names
    its extract, and new extracts are a change of that table. The day it is, is among them whenever own data
    has told something.
    """
    sources, nodes = dbt_manifest["sources"], dbt_manifest["nodes"]
    waiting = [unique_id for unique_id in unfinished if unique_id in nodes]
    for unique_id in changed_sources(dbt_manifest, changed):
        if sources[unique_id]["source_name"] != _ACCOUNTS:
            waiting.append(unique_id)
        else:
            children = dbt_manifest["child_map"][unique_id]
            waiting += [one for one in children if one in nodes and nodes[one]["schema"] != "staging"]
    waiting += [
        unique_id
        for unique_id, node in nodes.items()
        if node["name"] == _TODAY and any(table.source == _TELLS_TODAY for table in changed)
    ]
    touched: set[str] = set()
    while waiting:
        unique_id = waiting.pop()
        if unique_id not in touched and nodes.get(unique_id, {}).get("name") != _TOLD:
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
