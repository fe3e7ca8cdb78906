"""Adding a key to the chain, and bringing every stored pseudonym up to it; all of it or nothing.

The files are prepared beside the old ones. One journal file, put in place by a rename, decides: before it a
crash leaves everything as it was, after it the next run or `equity keys` finishes what was begun. Every step
after it can be taken twice.
"""

import datetime as dt
import gzip
import json
import os
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import orjson
import pyarrow as pa

from dagster_project.lib import build_state, person_keys, warehouse
from dagster_project.lib.errors import EquityError, SettingsError
from dagster_project.lib.extract_store import Extract, ExtractStore
from dagster_project.lib.key_chain import KEY_BYTES, KeyFile
from dagster_project.lib.person_keys import Keys
from dagster_project.lib.pseudonyms import PSEUDONYM_COLUMNS, Pseudonymiser
from dagster_project.lib.release import durable

#: Sources whose extracts hold pseudonyms.
PERSONAL_SOURCES: Final = frozenset({"ss12000", "deliveries"})
#: In order; `rotate` tells each when it is reached.
PHASES: Final = (
    "key_prepared",
    "files_prepared",
    "decided",
    "files_switched",
    "warehouse_switched",
    "key_switched",
    "logged",
)
#: In the keys' folder while a rotation is under way.
JOURNAL: Final = "rotation.json"
_LOG: Final = "log.jsonl"
_NEXT: Final = ".next"
_REKEYED: Final = ".rekeyed"
_GZIP: Final = b"\x1f\x8b"

Reached = Callable[[str], None]


class RotationRefusedError(EquityError):
    """The keys cannot be rotated as things are."""


@dataclass(frozen=True)
class Place:
    """Where everything lies that a rotation touches.

    Attributes:
        keys_dir: key file, journal and log.
        store: extracts.
        connection: the warehouse, schema ``raw`` in place; nobody else has it open.
    """

    keys_dir: Path
    store: ExtractStore
    connection: duckdb.DuckDBPyConnection

    @property
    def key_file(self) -> KeyFile:
        return KeyFile(self.keys_dir / person_keys.KEY_FILE)

    @property
    def next_key_file(self) -> KeyFile:
        return KeyFile(self.keys_dir / (person_keys.KEY_FILE + _NEXT))

    @property
    def journal(self) -> Path:
        return self.keys_dir / JOURNAL


def rotate(place: Place, keys: Keys, *, reached: Reached = lambda phase: None) -> Keys:
    """Add a key to the chain (in the environment: take up the keys that were appended there).

    Returns:
        The keys in force from now on.

    Raises:
        RotationRefusedError: the keys come from the environment and none was appended; says what to do.
        SettingsError: the keys in force are not those of the stored pseudonyms.
        StorageFailedError: the disk did not take the new files; everything is as it was.
    """
    known, given = person_keys.stored(place.connection), person_keys.fingerprints(keys.chain)
    known = known or given
    if given[: len(known)] != known:
        raise SettingsError(person_keys.mismatch(known, given))
    if keys.is_from_environment and given == known:
        raise RotationRefusedError(person_keys.how_to_rotate_in_environment())
    added = keys.chain[len(known) :]
    place.keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not keys.is_from_environment:
        added = (*added, secrets.token_bytes(KEY_BYTES))
        keys = Keys((*keys.chain[: len(known)], *added), is_from_environment=False)
        place.next_key_file.write(list(keys.chain))
    reached("key_prepared")
    with durable.storage_failures("Preparing the extracts for the new key"):
        _prepare_files(place.store, Pseudonymiser(added))
    reached("files_prepared")
    names = person_keys.fingerprints(keys.chain)
    with durable.storage_failures("Deciding on the new key"):
        durable.write_atomically(
            place.journal, json.dumps({"from": len(known), "fingerprints": names}) + "\n"
        )
    reached("decided")
    _finish(place, keys, reached)
    return keys


def recover(place: Place, keys: Keys) -> Keys:
    """Finish a rotation that a crash cut off after its decision, or clear away one cut off before.

    Returns:
        The keys in force from now on.

    Raises:
        SettingsError: the rotation took keys from the environment that are no longer there.
    """
    if place.journal.exists():
        if not keys.is_from_environment and place.next_key_file.path.exists():
            keys = Keys(tuple(place.next_key_file.read()), is_from_environment=False)
        wanted = json.loads(place.journal.read_text(encoding="utf-8"))["fingerprints"]
        given = person_keys.fingerprints(keys.chain)
        if given != wanted:
            raise SettingsError(
                f"A rotation to the keys {', '.join(wanted)} was cut off and has to be finished, but those "
                f"in force are {', '.join(given)}. Put back the keys that it was begun with."
            )
        _finish(place, keys, lambda phase: None)
        return keys
    place.next_key_file.path.unlink(missing_ok=True)
    for path in _prepared(place.store):
        path.unlink()
    return keys


def _finish(place: Place, keys: Keys, reached: Reached) -> None:
    """Everything after the decision; each step finds out by itself whether it has been taken."""
    for path in _prepared(place.store):
        path.replace(path.with_name(path.name.removesuffix(_REKEYED)))
        durable.sync(path.parent)
    reached("files_switched")
    _switch_warehouse(place.connection, keys)
    reached("warehouse_switched")
    if place.next_key_file.path.exists():
        place.next_key_file.path.replace(place.key_file.path)
        durable.sync(place.keys_dir)
    reached("key_switched")
    _write_log(place, keys)
    reached("logged")
    place.journal.unlink()
    durable.sync(place.keys_dir)


def _prepared(store: ExtractStore) -> list[Path]:
    return [path for source in PERSONAL_SOURCES for path in (store.root / source).rglob(f"*{_REKEYED}")]


def _prepare_files(store: ExtractStore, pseudonymiser: Pseudonymiser) -> None:
    for extract in personal_extracts(store):
        path = store.root / extract.path
        target = path.with_name(path.name + _REKEYED)
        with gzip.open(path, "rb") as lines, target.open("wb") as raw:
            with gzip.GzipFile(filename="", mode="wb", compresslevel=2, fileobj=raw, mtime=0) as file:
                for line in lines:
                    file.write(_rekeyed(line, pseudonymiser))
            raw.flush()
            os.fsync(raw.fileno())


def personal_extracts(store: ExtractStore) -> Iterator[Extract]:
    """Extracts that hold pseudonyms and whose files are still there, each file once."""
    seen: set[str] = set()
    for extract in store.manifest():
        path = store.root / extract.path
        if extract.source not in PERSONAL_SOURCES or extract.path in seen or not path.is_file():
            continue
        seen.add(extract.path)
        with path.open("rb") as file:
            if file.read(2) != _GZIP:
                raise SettingsError(
                    f"{extract.path} is not what a personal extract looks like; nothing was changed. "
                    "Remove it if nobody knows where it comes from."
                )
        yield extract


def _rekeyed(line: bytes, pseudonymiser: Pseudonymiser) -> bytes:
    """One line of a stored extract with its pseudonyms brought up to the new keys."""
    row = orjson.loads(line)
    for column in PSEUDONYM_COLUMNS & row.keys():
        if row[column]:
            row[column] = pseudonymiser.again(row[column])
    if row.get("entity_type") == "persons" and row.get("id"):
        row["id"] = pseudonymiser.again(row["id"])
    return orjson.dumps(row) + b"\n"


def _switch_warehouse(connection: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    names = person_keys.fingerprints(keys.chain)
    known = person_keys.stored(connection)
    if known == names:
        return
    pseudonymiser = Pseudonymiser(keys.chain[len(known) :]) if known else None
    # What is replaced below stays in free blocks of the file, for whoever has the old key to read.
    warehouse.rewrite_when_next_opened(connection)
    connection.begin()
    try:
        if pseudonymiser is not None:
            _rekey_tables(connection, pseudonymiser)
        _drop_built(connection)
        person_keys.write_stored(connection, keys.chain)
        build_state.forget(connection)
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise


def _pseudonym_columns(connection: duckdb.DuckDBPyConnection, *, raw: bool) -> Sequence[tuple[str, str, str]]:
    """(schema, table, column) of tables with pseudonyms, in schema ``raw`` or built from it."""
    return connection.execute(
        """
        select c.schema_name, c.table_name, c.column_name
        from duckdb_columns() as c
        join duckdb_tables() as t
            on c.table_oid = t.table_oid and c.database_oid = t.database_oid
        where c.database_name = current_database()
            and (c.schema_name = 'raw') = ?
            and c.column_name in (select unnest(?::varchar[]))
        order by all
        """,
        [raw, sorted(PSEUDONYM_COLUMNS)],
    ).fetchall()


def _rekey_tables(connection: duckdb.DuckDBPyConnection, pseudonymiser: Pseudonymiser) -> None:
    places = [
        (f'raw."{table}"', f'"{column}"', "true")
        for _, table, column in _pseudonym_columns(connection, raw=True)
    ]
    places.append(("raw.ss12000_deleted_entities", "id", "entity_type = 'persons'"))
    told = " union ".join(
        f"select {column} as pseudonym from {table} where {which} and {column} is not null"  # noqa: S608
        for table, column, which in places
    )
    old = [pseudonym for (pseudonym,) in connection.execute(told).fetchall()]
    connection.register(
        "rekeyed_pseudonyms",
        pa.table(
            {
                "old": pa.array(old, pa.string()),
                "new": pa.array([pseudonymiser.again(one) for one in old], pa.string()),
            }
        ),
    )
    try:
        for table, column, which in places:
            connection.execute(
                f"update {table} set {column} = new from rekeyed_pseudonyms"  # noqa: S608 - from the catalogue
                f" where {which} and {column} = old"
            )
    finally:
        connection.unregister("rekeyed_pseudonyms")


def _drop_built(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop what was built with the old pseudonyms; the next run builds everything."""
    for schema, table in {(s, t) for s, t, _ in _pseudonym_columns(connection, raw=False)}:
        connection.execute(f'drop table "{schema}"."{table}"')


def _write_log(place: Place, keys: Keys) -> None:
    names = person_keys.fingerprints(keys.chain)
    path = place.keys_dir / _LOG
    if any(entry["fingerprints"] == names for entry in log(place.keys_dir)):
        return
    line = json.dumps(
        {
            "at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            "event": "rotated",
            "keys": len(names),
            "fingerprints": names,
        }
    )
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def log(keys_dir: Path) -> list[dict[str, object]]:
    """Every rotation so far, oldest first; a last line cut off by a crash is left out."""
    path = keys_dir / _LOG
    if not path.exists():
        return []
    complete, _, _ = path.read_bytes().rpartition(b"\n")
    return [json.loads(line) for line in complete.splitlines()]


def open_pseudonymiser(place: Place, setting: str) -> Pseudonymiser:
    """Pseudonyms under the keys in force, after finishing what a crash cut off.

    Args:
        place: the installation.
        setting: EQUITY_PERSON_KEYS.

    Raises:
        SettingsError: there are no usable keys, or not those of the stored pseudonyms.
    """
    keys = recover(place, person_keys.in_force(setting, place.keys_dir))
    person_keys.demand_stored(place.connection, keys)
    return Pseudonymiser(keys.chain)
