"""Rules about the repository. Each function returns what breaks the rule, and nothing when it is kept."""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dagster_project.lib.expectations.suite import Suite

# A package index that one machine uses has no place in a file of the project.
_REGISTRIES = re.compile(
    r"py"
    r"pi\.org|python"
    r"hosted|registry\.np"
    r"mjs|deb\.deb"
    r"ian|(?:index-url|find-links)[ =]+\S*[:/]",
    re.IGNORECASE,
)
_MACHINE_PATHS = re.compile(r"(?<![\w.:/~}\]-])/(?:home|root|Users|work|opt|mnt|srv)/\w")

_HEADINGS = ("Overview", "Primary key", "Business rules", "Example query")
# What a layer may select from. `marts/core` are the dimensions; `marts/restricted` has a row per person,
# which only marts per unit and quality counts are made from.
_MAY_READ = {
    "staging": {"source", "source raw", "seed", "staging"},
    "intermediate": {"staging", "intermediate", "seed"},
    "marts": {"intermediate", "marts", "marts/core", "marts/restricted", "seed"},
    # What a release was made from, and what it told, is held against the same indicators now.
    "indicators": {"marts", "marts/core", "marts/restricted", "indicators", "seed", "source releases"},
    "published": {"indicators", "marts/core", "quality", "seed"},
    "quality": {
        "source raw",
        "staging",
        "intermediate",
        "marts",
        "marts/core",
        "marts/restricted",
        "indicators",
        "quality",
        "seed",
    },
}
_SOURCE_NAMES = re.compile(
    r"siris|kolada|skolverket|planned_educations|(?:^|_)pe_|scb|underlag_for_analys|(?:^|_)ufa_|skolenhetsregistret"
)
# Marts without a figure and without kinds of rows whose shares could drift.
_LISTS = frozenset(
    {
        "dim_area",
        "dim_group",
        "dim_measure",
        "dim_municipality",
        "dim_municipality_group_member",
        "dim_school_form",
        "dim_school_year",
    }
)
Node = Mapping[str, Any]


def texts(root: Path, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names and contents of those files that are text."""
    for name in names:
        content = (root / name).read_bytes()
        if b"\0" not in content[:4096]:
            yield name, content.decode("utf-8", errors="replace")


def _lines_with(pattern: re.Pattern[str], files: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{name}:{number}"
        for name, text in files
        if pattern.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def machine_paths(files: Iterable[tuple[str, str]]) -> list[str]:
    return _lines_with(_MACHINE_PATHS, files)


def registry_hosts(files: Iterable[tuple[str, str]]) -> list[str]:
    return _lines_with(_REGISTRIES, files)


def unlocked_requirements(lock: str) -> list[str]:
    """Requirements without version or hash, and addresses anywhere."""
    blocks = re.split(r"\n(?=[^\s#])", lock.strip())
    loose = [
        block.split()[0]
        for block in blocks
        if not re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+", block) or "--hash=sha256:" not in block
    ]
    return loose + [f"address: {line.strip()}" for line in lock.splitlines() if "://" in line]


def frameworks_loaded_by(modules: Iterable[str]) -> set[str]:
    """Which of dagster, dbt and great_expectations a new process has loaded after importing ``modules``."""
    code = (
        "import importlib, json, sys\n"
        "for name in sys.argv[1:]: importlib.import_module(name)\n"
        "print(json.dumps(sorted({'dagster', 'dbt', 'great_expectations'} & set(sys.modules))))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, *modules], capture_output=True, text=True, check=True, timeout=120
    )
    return set(json.loads(result.stdout))


def layer_of(node: Node) -> str:
    """``seed``, ``source`` (two are named) or the model's folder; of marts, two subfolders are their own."""
    if node["resource_type"] == "source":
        name = node["source_name"]
        return f"source {name}" if name in {"raw", "releases"} else "source"
    if node["resource_type"] == "seed":
        return "seed"
    folder, below = node["fqn"][1], node["fqn"][2]
    return f"marts/{below}" if folder == "marts" and below in {"core", "restricted"} else str(folder)


def models(manifest: Node) -> list[Node]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def layering(manifest: Node) -> list[str]:
    """Models that select from a layer they may not see."""
    nodes = {**manifest["nodes"], **manifest["sources"]}
    return [
        f"{model['name']} ({model['fqn'][1]}) reads {nodes[parent]['name']} ({layer_of(nodes[parent])})"
        for model in models(manifest)
        for parent in model["depends_on"]["nodes"]
        if layer_of(nodes[parent]) not in _MAY_READ[model["fqn"][1]]
    ]


def undocumented(manifest: Node) -> list[str]:
    """What marts, indicators and published tables lack: headings, contract, key, column descriptions."""
    found: list[str] = []
    for model in models(manifest):
        if model["fqn"][1] not in {"marts", "indicators", "published"}:
            continue
        name, columns = model["name"], model["columns"]
        found += [f"{name}: no {heading}" for heading in _HEADINGS if heading not in _headings(model)]
        if not model["description"].strip():
            found.append(f"{name}: no description")
        # dbt holds no Python model to a contract; whoever reads one is in SQL, and has one.
        if model["language"] == "sql" and not model["config"]["contract"]["enforced"]:
            found.append(f"{name}: contract not enforced")
        key = model["config"]["meta"].get("primary_key") or []
        if not key or not set(key) <= set(columns):
            found.append(f"{name}: primary_key missing or not among the columns")
        found += [f"{name}.{column}: no description" for column in columns if not _described(columns[column])]
    return found


def unkeyed_python_models(manifest: Node) -> list[str]:
    """Python models whose key no data test holds: dbt enforces no contract on them."""
    keyed = {
        node.get("attached_node")
        for node in manifest["nodes"].values()
        if node["resource_type"] == "test" and _holds_a_key(node.get("test_metadata") or {})
    }
    return [
        model["name"]
        for model in models(manifest)
        if model["language"] == "python" and model["unique_id"] not in keyed
    ]


def _holds_a_key(test: Node) -> bool:
    return test.get("name") == "primary_key" or "primary_key" in test.get("kwargs", {})


def marts_the_gate_does_not_see(manifest: Node) -> list[str]:
    """Marts that ``dq_marts`` leaves out: nobody would notice when one of them is lost. Of those that are no
    lists, ``dq_mart_figures`` too: nobody would notice when it says something else.
    """
    marts = {model["unique_id"]: model["name"] for model in models(manifest) if model["fqn"][1] == "marts"}
    found: list[str] = []
    for table, left_out in (("dq_marts", frozenset()), ("dq_mart_figures", _LISTS)):
        (node,) = (model for model in models(manifest) if model["name"] == table)
        seen = set(node["depends_on"]["nodes"])
        found += [
            f"{table}: {name}"
            for unique_id, name in marts.items()
            if unique_id not in seen and name not in left_out
        ]
    return found


def suites_that_promise_otherwise(manifest: Node, suites: Sequence[Suite]) -> list[str]:
    """Suites whose `columns` or `key` are not those that the table's contract and description name.

    Of areas, of which there may be none, the suite asks in other words.
    """
    by_name = {model["name"]: model for model in models(manifest)}
    found: list[str] = []
    for suite in suites:
        if suite.stage in {"extracts", "quality"} or suite.table in {"pub_areas", "pub_internal_areas"}:
            continue
        model = by_name[suite.table]
        # Every published row says of which release it is.
        added = {"release_id"} if suite.stage in {"published", "internal"} else set()
        if set(suite.columns or ()) != set(model["columns"]) | added:
            found.append(f"{suite.table}: columns")
        if set(suite.key or ()) != set(model["config"]["meta"]["primary_key"]):
            found.append(f"{suite.table}: key")
    return found


def _headings(node: Node) -> set[str]:
    return {line[5:].strip() for line in node["description"].splitlines() if line.startswith("#####")}


def _described(thing: Node) -> bool:
    return bool(thing["description"].strip())


def undescribed_seeds(manifest: Node) -> list[str]:
    seeds = [node for node in manifest["nodes"].values() if node["resource_type"] == "seed"]
    return [seed["name"] for seed in seeds if not _described(seed)]


def source_names_in_columns(manifest: Node) -> list[str]:
    """Columns past staging that are named after a source: readers should not need to know it."""
    return [
        f"{model['name']}.{column}"
        for model in models(manifest)
        if model["fqn"][1] in {"marts", "indicators", "published"}
        for column in model["columns"]
        if _SOURCE_NAMES.search(column)
    ]


def loose_sql(manifest: Node) -> list[str]:
    """A bare ``distinct`` or ``group by all`` anywhere; from the marts on, a star over another model."""
    found: list[str] = []
    for model in models(manifest):
        code = re.sub(r"--[^\n]*|\{#.*?#\}", "", model["raw_code"], flags=re.DOTALL).lower()
        if re.search(r"\bselect\s+distinct\b", code):
            found.append(f"{model['name']}: select distinct hides why rows repeat")
        if re.search(r"\bgroup\s+by\s+all\b", code):
            found.append(f"{model['name']}: group by all")
        final = code.rsplit("\nselect", maxsplit=1)[-1] if "\nselect" in code else code.removeprefix("select")
        if model["fqn"][1] in {"marts", "indicators", "published"} and re.match(
            r"\s*\*[^;]*?\bfrom\s+\{\{\s*ref\(", final
        ):
            found.append(f"{model['name']}: select * from another model")
    return found
