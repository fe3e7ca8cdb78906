"""A small warehouse, candidates and audits for the tests of the release store; also the program they kill.

The data of ``version`` n differ from those of n - 1, and every table says which version it holds, so that a
reader can tell a mixture.
"""

import datetime as dt
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd

from dagster_project.lib.release import audit, disclosed
from dagster_project.lib.release.candidate import Candidate, build_candidate, load_candidate
from dagster_project.lib.release.manifest import ExtractEntry, ManifestParts
from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.store import ReleaseStore

TABLES = ["pub_unit_results", "pub_municipality_results"]
KEYS = {"pub_unit_results": ["unit_code", "school_year"], "pub_municipality_results": ["municipality_code"]}
PARTS = ManifestParts(
    code_version="0.1.0",
    dbt_manifest_sha256="d" * 64,
    extracts=[ExtractEntry(source="kolada", address="https://api.kolada.se/v3/data", sha256="e" * 64)],
    suppressed_cells={"pub_unit_results": 3},
    lacks=["Attendance: the municipality has not connected its system."],
)


def write_warehouse(path: Path, *, version: int = 1, units: int = 30) -> Path:
    """A warehouse with two published tables: comments, NOT NULLs, and text a spreadsheet would run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(path) as connection:
        connection.execute(
            """
            create schema published;
            create table published.pub_unit_results (
                unit_code varchar not null,
                school_year varchar not null,
                pupils integer,
                merit_value decimal(6, 2),
                share_eligible double,
                remark varchar,
                version integer not null
            );
            comment on table published.pub_unit_results is 'Results of year 9 by school unit; it''s åk 9';
            comment on column published.pub_unit_results.merit_value is 'Mean merit value, 0-340';
            create table published.pub_municipality_results (
                municipality_code varchar not null,
                share_eligible double,
                published_on date,
                version integer not null
            );
            comment on table published.pub_municipality_results is 'Results of year 9 in the municipality';
            """
        )
        connection.execute(
            """
            insert into published.pub_unit_results
            select
                format('{:08d}', (i * 700001) % 1000003), '2024/25', 20 + i,
                200.5 + i % 100 + ?, (i % 60) / 60, '=1+' || i, ?
            from range(?) t(i)
            """,
            [version, version, units],
        )
        connection.execute(
            "insert into published.pub_municipality_results values ('1480', 0.8, date '2025-10-15', ?)",
            [version],
        )
    return path


def expectation(type_: str, **changes: object) -> audit.ExpectationResult:
    """A critical expectation that passed, unless changed."""
    values: dict[str, object] = {
        "id": f"{type_}__1",
        "type": type_,
        "severity": "critical",
        "success": True,
        "observed": "30 rows",
        "owner": "skolanalys@kommun.example",
        "why": "The board compares units.",
        "how_to_resolve": "Ask the unit for a new delivery.",
    }
    return audit.ExpectationResult.model_validate(values | changes)


def suite(table: str, *extra: audit.ExpectationResult) -> audit.SuiteResult:
    """A suite on ``table`` that asks the least it may, and ``extra``."""
    return audit.SuiteResult(
        suite=f"published.{table}",
        table=table,
        ran_at=dt.datetime(2026, 11, 1, 5, 15, tzinfo=dt.UTC),
        expectations=[
            expectation("expect_table_row_count_to_be_between"),
            expectation("expect_column_values_to_not_be_null"),
            *extra,
        ],
    )


def record_for(candidate: Candidate, *extra: audit.ExpectationResult) -> audit.AuditRecord:
    """A record that lets ``candidate`` through, unless an ``extra`` expectation on the first table fails."""
    suites = [suite(TABLES[0], *extra), *(suite(table) for table in TABLES[1:])]
    return audit.AuditRecord(
        build_id=candidate.build_id,
        file_sha256=candidate.sha256,
        code_fingerprint="f" * 64,
        suites=suites,
        required_suites=[each.suite for each in suites],
    )


def build(data_dir: Path, build_id: str, *, version: int = 1, units: int = 30) -> Candidate:
    """A candidate that has not been audited."""
    store = ReleaseStore(data_dir)
    return build_candidate(
        warehouse=write_warehouse(data_dir / f"warehouse-{build_id}.duckdb", version=version, units=units),
        schema="published",
        tables=TABLES,
        candidates_dir=store.candidates_dir,
        build_id=build_id,
        release_id=store.reserve_id(),
    )


def audited(
    data_dir: Path, build_id: str, *, version: int = 1, units: int = 30, disclosing: bool = False
) -> Candidate:
    """A candidate that the gate lets through; if ``disclosing``, it makes two cells known."""
    candidate = build(data_dir, build_id, version=version, units=units)
    record = record_for(candidate)
    if disclosing:
        entries = pd.DataFrame(
            {
                "release_id": candidate.release_id,
                "cell_id": [f"{unit}|not reached#{version}" for unit in ("A", "B")],
                "low": version + 10,
                "high": version + 10,
            }
        )
        told = disclosed.write_entries(candidate.folder / audit.DISCLOSED_FILE, entries)
        before = sorted(ReleaseStore(data_dir).disclosed())
        record = record.model_copy(update={"disclosed": told, "disclosed_before": before})
    audit.save(record, candidate)
    return candidate


def lose(store: ReleaseStore, release_id: str) -> None:
    """Take a release off the disk behind the store's back."""
    folder = store.releases_dir / release_id
    folder.chmod(0o700)
    folder.rename(store.data_dir / "lost")


def kill_at(wanted: str) -> Callable[[str], None]:
    """A crash hook that ends the process at once, as a power cut would, in the phase ``wanted``."""

    def hook(phase: str) -> None:
        if phase == wanted:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def _main(data_dir: Path, build_id: str, phase: str, keep: str) -> None:
    candidate = load_candidate(ReleaseStore(data_dir).candidates_dir, build_id)
    options = PublishOptions(key_columns=KEYS, keep=int(keep) if keep else None, fail_at=kill_at(phase))
    print(publish(ReleaseStore(data_dir), candidate, PARTS, options).id)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), *sys.argv[2:])
