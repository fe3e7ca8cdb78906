"""A release opens with tables, values and comments in the DuckDB versions that readers have.

Each version is fetched once into ``.cache/clients``; without a package index these tests fail, they are not
skipped: run them where one can be reached.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
sys.path.insert(0, str(PROJECT / "tests" / "unit" / "release"))

from release_kit import KEYS, PARTS, audited  # noqa: E402

from dagster_project.lib.release.publish import PublishOptions, publish  # noqa: E402
from dagster_project.lib.release.store import Release, ReleaseStore  # noqa: E402

pytestmark = pytest.mark.clients

VERSIONS = ["1.4.5", "1.5.6", "2.0.0"]

CLIENT = """
import json, sys
import duckdb

connection = duckdb.connect(
    sys.argv[1], read_only=True, config={"enable_external_access": "false", "lock_configuration": "true"}
)
ask = lambda query: [list(map(str, row)) for row in connection.execute(query).fetchall()]
print(json.dumps({
    "version": duckdb.__version__,
    "tables": ask("select table_name, comment from duckdb_tables() order by 1"),
    "columns": ask("select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
                   "where not internal order by table_name, column_index"),
    "units": ask("select * from pub_unit_results"),
    "municipality": ask("select * from pub_municipality_results"),
}))
"""


# Of every table its size, and of every column how often it is filled, its least and its greatest value.
WHOLE = """
import json, sys
import duckdb

connection = duckdb.connect(sys.argv[1], read_only=True)
tables = connection.execute("select table_name from duckdb_tables() order by 1").fetchall()
seen = {}
for (table,) in tables:
    columns = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
    parts = ", ".join(f'count("{c}"), min("{c}"), max("{c}")' for c in columns)
    seen[table] = list(map(str, connection.execute(f"select count(*), {parts} from {table}").fetchone()))
print(json.dumps({"version": duckdb.__version__, **seen}))
"""


@pytest.fixture(scope="module")
def small_release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    data_dir = tmp_path_factory.mktemp("data")
    options = PublishOptions(key_columns=KEYS)
    return publish(ReleaseStore(data_dir), audited(data_dir, "b1", units=5_000), PARTS, options)


def installed(version: str) -> Path:
    """Folder that holds this version of DuckDB."""
    folder = (
        PROJECT
        / ".cache"
        / "clients"
        / f"duckdb-{version}-py{sys.version_info.major}{sys.version_info.minor}"
    )
    if not (folder / f"duckdb-{version}.dist-info").is_dir():
        command = [sys.executable, "-m", "uv", "pip", "install", "--target", str(folder), "--no-deps"]
        done = subprocess.run([*command, f"duckdb=={version}"], check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.fail(
                f"DuckDB {version} could not be installed, so nothing is known about this client. "
                f"These tests need a Python package index.\n{done.stderr}"
            )
    return folder


def as_seen_by(version: str, file: Path, client: str = CLIENT) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", client, str(file)],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(installed(version))},
        cwd=file.parent,
    )
    assert done.returncode == 0, done.stderr
    seen: dict[str, object] = json.loads(done.stdout)
    assert seen.pop("version") == version
    return seen


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_opens_in_this_version_with_its_tables_types_and_comments(
    version: str, small_release: Release
) -> None:
    seen = as_seen_by(version, small_release.file)
    assert seen["tables"] == [
        ["pub_municipality_results", "Results of year 9 in the municipality"],
        ["pub_unit_results", "Results of year 9 by school unit; it's åk 9"],
    ]
    columns = seen["columns"]
    assert isinstance(columns, list)
    assert ["pub_unit_results", "merit_value", "DECIMAL(6,2)", "True", "Mean merit value, 0-340"] in columns
    assert ["pub_unit_results", "unit_code", "VARCHAR", "False", "None"] in columns
    assert len(columns) == 13
    assert seen["municipality"] == [["R000001", "1480", "0.8", "2025-10-15", "1"]]
    units = seen["units"]
    assert isinstance(units, list)
    assert len(units) == 5_000
    assert units[0] == ["R000001", "00000000", "2024/25", "20", "201.50", "0.0", "=1+0", "1"]


@pytest.mark.parametrize("version", VERSIONS[1:])
def test_every_version_sees_the_same_values_in_the_same_order(version: str, small_release: Release) -> None:
    file = small_release.file
    assert as_seen_by(version, file) == as_seen_by(VERSIONS[0], file)


@pytest.mark.parametrize("version", VERSIONS[1:])
@pytest.mark.parametrize("file", ["database", "internal_database"])
def test_every_version_reads_every_table_of_a_release_of_all_sweden(version: str, file: str, release) -> None:
    database = getattr(release, file)
    seen = as_seen_by(version, database, WHOLE)
    assert len(seen) > 8
    assert seen == as_seen_by(VERSIONS[0], database, WHOLE)


def test_a_file_in_the_newest_format_would_not_open_in_the_oldest_client(tmp_path: Path) -> None:
    """Shows that the storage version is what makes the tests above pass."""
    newest = tmp_path / "newest.duckdb"
    write = (
        "import duckdb, sys; duckdb.connect(sys.argv[1]).execute('create table t as select 1 as one').close()"
    )
    read = (
        "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).execute('from t').fetchall())"
    )
    outcomes = [
        subprocess.run(
            [sys.executable, "-c", program, str(newest)],
            check=False,
            capture_output=True,
            text=True,
            env={"PYTHONPATH": str(installed(version))},
            cwd=tmp_path,
        )
        for program, version in ((write, "2.0.0"), (read, "2.0.0"), (read, "1.4.5"))
    ]
    assert [outcome.returncode for outcome in outcomes[:2]] == [0, 0], outcomes[0].stderr + outcomes[1].stderr
    assert outcomes[2].returncode != 0
    assert "version" in outcomes[2].stderr
