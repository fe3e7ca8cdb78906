"""Pruning of personal data that is no longer needed: stored extracts, and raw rows nothing is built from.

A stored extract goes when it is old; its rows are in the warehouse. A raw row goes when its extract is old
and staging, as last built, found it sound and does not use it: a later version has taken its place, or the
entity was deleted. A row in use stays, and so does one in quarantine: somebody has to put it right.

What went is written to ``raw.pruned_extracts`` and to ``pruned.jsonl`` beside the extracts.
"""

import csv
import datetime as dt
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import duckdb

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.extract_store import Extract, ExtractStore
from dagster_project.lib.key_rotation import PERSONAL_SOURCES

_LOG: Final = "pruned.jsonl"
_WHOLE_SOURCE: Final = "*"
_RAW_PREFIX: Final = {"ss12000": "ss12000_", "deliveries": "delivery_"}
_DELETIONS: Final = "ss12000_deleted_entities"


@dataclass(frozen=True)
class Pruned:
    """What went of one extract.

    Attributes:
        extract_id, source, dataset, period: the extract.
        keep_days: the rule it went by.
        rows_pruned: raw rows.
        is_file_pruned: the stored file went.
    """

    extract_id: str
    source: str
    dataset: str
    period: str
    keep_days: int
    rows_pruned: int
    is_file_pruned: bool


Rules = Mapping[tuple[str, str], int]


def read_rules(path: Path) -> Rules:
    """Days to keep by source and dataset (``*``: every other one of the source), from ``thr_retention``.

    Raises:
        SettingsError: a source of personal data has no rule, or a number of days is none.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    try:
        rules = {(row["source_name"], row["dataset"]): int(row["keep_days"]) for row in rows}
    except ValueError as error:
        raise SettingsError(f"{path.name}: keep_days is not a whole number everywhere.") from error
    missing = sorted(source for source in PERSONAL_SOURCES if (source, _WHOLE_SOURCE) not in rules)
    if missing or min(rules.values(), default=0) < 1:
        raise SettingsError(
            f"{path.name}: every source of personal data needs a row with dataset {_WHOLE_SOURCE!r} and a "
            f"positive number of days{'; missing: ' + ', '.join(missing) if missing else ''}."
        )
    return rules


def prune(
    connection: duckdb.DuckDBPyConnection, store: ExtractStore, rules: Rules, *, now: dt.datetime
) -> list[Pruned]:
    """Prune what is older than its rule by ``now``; returns what went, by extract."""
    rows = _prune_rows(connection, rules, now)
    files = overdue(store, rules, now)
    went = {one.extract_id: one for one in rows}
    for extract in files:
        known = went.get(extract.extract_id)
        went[extract.extract_id] = Pruned(
            extract.extract_id,
            extract.source,
            extract.dataset,
            extract.period,
            _days(rules, extract.source, extract.dataset),
            known.rows_pruned if known else 0,
            is_file_pruned=True,
        )
    pruned = list(went.values())
    # Written down first: rather told twice after a crash than not at all.
    _write_down(connection, store, pruned, now)
    for extract in files:
        (store.root / extract.path).unlink(missing_ok=True)
    return pruned


def overdue(store: ExtractStore, rules: Rules, now: dt.datetime) -> list[Extract]:
    """Stored personal extracts that are older than their rule by ``now``."""
    return [
        extract
        for extract in store.manifest()
        if extract.source in PERSONAL_SOURCES
        and _is_old(
            dt.datetime.fromisoformat(extract.fetched_at), now, _days(rules, extract.source, extract.dataset)
        )
        and (store.root / extract.path).is_file()
    ]


def _days(rules: Rules, source: str, dataset: str) -> int:
    return rules.get((source, dataset), rules[source, _WHOLE_SOURCE])


def _is_old(fetched_at: dt.datetime, now: dt.datetime, keep_days: int) -> bool:
    return now - fetched_at > dt.timedelta(days=keep_days)


def _prune_rows(connection: duckdb.DuckDBPyConnection, rules: Rules, now: dt.datetime) -> list[Pruned]:
    old = [
        (extract_id, source, dataset, period, raw_table)
        for extract_id, source, dataset, period, raw_table, fetched_at in connection.execute(
            "select extract_id, source, dataset, period, raw_table, fetched_at from raw.extracts"
            " where source in (select unnest(?::varchar[])) order by extract_id",
            [sorted(PERSONAL_SOURCES)],
        ).fetchall()
        if _is_old(fetched_at, now, _days(rules, source, dataset))
    ]
    found = []
    for extract_id, source, dataset, period, raw_table in old:
        if raw_table == _DELETIONS:
            count = _prune_deletions(connection, extract_id)
        else:
            count = _prune_unused(connection, source, raw_table, extract_id)
        if count:
            days = _days(rules, source, dataset)
            found.append(Pruned(extract_id, source, dataset, period, days, count, is_file_pruned=False))
    return found


def _prune_unused(connection: duckdb.DuckDBPyConnection, source: str, raw_table: str, extract_id: str) -> int:
    """Rows of one extract that staging has looked at, found sound, and does not use."""
    name = raw_table.removeprefix(_RAW_PREFIX[source])
    base, used = f"base_{source}__{name}", f"stg_{source}__{name}"
    if not _has_places(connection, base) or not _has_places(connection, used):
        return 0
    deleted = connection.execute(
        f"""
        delete from raw."{raw_table}"
        where _extract_id = $1
            and _row_number in (
                select row_number from staging."{base}"
                where extract_id = $1 and broken_rule is null
            )
            and _row_number not in (select row_number from staging."{used}" where extract_id = $1)
        """,  # noqa: S608 - names of raw tables
        [extract_id],
    ).fetchone()
    return int(deleted[0]) if deleted else 0


def _has_places(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether staging has this relation, and it says which row each of its rows came from."""
    (columns,) = connection.execute(
        "select count(*) from information_schema.columns"
        " where table_catalog = current_database() and table_schema = 'staging' and table_name = ?"
        " and column_name in ('extract_id', 'row_number')",
        [name],
    ).fetchone() or (0,)
    return bool(columns == 2)


def _prune_deletions(connection: duckdb.DuckDBPyConnection, extract_id: str) -> int:
    """Deletions of one extract whose entities have left the raw tables: nothing is left to be deleted."""
    tables = connection.execute(
        "select distinct entity_type from raw.ss12000_deleted_entities where _extract_id = ?", [extract_id]
    ).fetchall()
    count = 0
    for (entity_type,) in tables:
        raw_table = f"ss12000_{entity_type}"
        key = connection.execute(
            "select column_name from duckdb_columns() where schema_name = 'raw' and table_name = ?"
            " order by column_index limit 1",
            [raw_table],
        ).fetchone()
        if key is None:
            continue
        deleted = connection.execute(
            f"""
            delete from raw.ss12000_deleted_entities
            where _extract_id = ? and entity_type = ? and id not in (select "{key[0]}" from raw."{raw_table}")
            """,  # noqa: S608 - from the catalogue
            [extract_id, entity_type],
        ).fetchone()
        count += int(deleted[0]) if deleted else 0
    return count


def _write_down(
    connection: duckdb.DuckDBPyConnection, store: ExtractStore, pruned: list[Pruned], now: dt.datetime
) -> None:
    if not pruned:
        return
    connection.executemany(
        "insert into raw.pruned_extracts values (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                one.extract_id,
                one.source,
                one.dataset,
                one.period,
                now,
                one.keep_days,
                one.rows_pruned,
                one.is_file_pruned,
            )
            for one in pruned
        ],
    )
    with (store.root / _LOG).open("a", encoding="utf-8") as file:
        for one in pruned:
            file.write(json.dumps({"at": now.isoformat(timespec="seconds"), **asdict(one)}) + "\n")
        file.flush()
        os.fsync(file.fileno())
