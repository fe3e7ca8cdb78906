"""Taking a delivery back: a file sent by mistake leaves what is loaded, and is not read again.

The record is ``withdrawn.jsonl`` beside the extracts; ``raw.withdrawn_deliveries`` is a copy of it for the
warehouse. A withdrawal is written down first and then carried out, by the command or, after a crash, by the
next run: carrying it out twice does nothing more.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass
from datetime import UTC, datetime
from typing import Final

import duckdb

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import SOURCE
from dagster_project.lib.errors import WithdrawalRefusedError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.pseudonyms import contains_personal_number

RULE: Final = "withdrawn"
_RECORD: Final = "withdrawn.jsonl"
_CREATE = """
create table if not exists raw.withdrawn_deliveries (
    file varchar not null,
    sha256 varchar primary key,
    kind varchar not null,
    extract_id varchar not null,
    withdrawn_at timestamptz not null,
    withdrawn_by varchar not null,
    reason varchar not null,
    rows_withdrawn bigint not null
)
"""


@dataclass(frozen=True)
class Withdrawal:
    """One delivery that was taken back.

    Attributes:
        file: its name below the folder of deliveries.
        sha256: of its bytes; the same bytes under any name stay withdrawn.
        kind: what it was.
        extract_id: what was kept of it; the same rows in other bytes of that name stay withdrawn too.
        withdrawn_at: UTC, ISO 8601.
        withdrawn_by: who did it.
        reason: why, in the words of whoever did it.
        rows_withdrawn: rows that were loaded from it.
    """

    file: str
    sha256: str
    kind: str
    extract_id: str
    withdrawn_at: str
    withdrawn_by: str
    reason: str
    rows_withdrawn: int


@dataclass(frozen=True)
class Record:
    """All withdrawals in force.

    Attributes:
        by_sha256: by the bytes of the file.
    """

    by_sha256: Mapping[str, Withdrawal]

    def of(self, *, sha256: str) -> Withdrawal | None:
        """The withdrawal of a file with these bytes."""
        return self.by_sha256.get(sha256)

    def holds(self, extract_id: str) -> bool:
        """Whether these rows were withdrawn."""
        return any(one.extract_id == extract_id for one in self.by_sha256.values())


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``raw.withdrawn_deliveries`` where it is missing; schema ``raw`` must exist."""
    connection.execute(_CREATE)


def withdraw(
    connection: duckdb.DuckDBPyConnection,
    store: ExtractStore,
    *,
    file: str,
    reason: str,
    by: str,
    now: datetime | None = None,
) -> Withdrawal:
    """Take back what is loaded of the file with this name.

    Rows leave the raw table and quarantine. What is stored of a delivery about persons is deleted at once; of
    other deliveries it stays until retention prunes it, so that it can be seen what was taken back.

    Args:
        connection: the build file, with all raw tables.
        store: the extracts.
        file: name below the folder of deliveries, as the log has it.
        reason, by: for the log.
        now: instant of the withdrawal, UTC.

    Raises:
        WithdrawalRefusedError: nothing of such a file is loaded, or the words for the log will not do.
    """
    _demand_words(reason, by)
    sha256, kind, extract_id, loaded = _loaded(connection, file)
    withdrawal = Withdrawal(
        file=file,
        sha256=sha256,
        kind=kind,
        extract_id=extract_id,
        withdrawn_at=(now or datetime.now(UTC)).isoformat(timespec="seconds"),
        withdrawn_by=by,
        reason=reason,
        rows_withdrawn=loaded,
    )
    _append(store, {"event": RULE, **asdict(withdrawal)})
    carry_out(connection, store)
    return withdrawal


def reinstate(store: ExtractStore, *, file: str, reason: str, by: str, now: datetime | None = None) -> None:
    """Let a file that was withdrawn by mistake be read again, by the next run that finds it in the folder.

    Raises:
        WithdrawalRefusedError: no file of that name is withdrawn, or the words for the log will not do.
    """
    _demand_words(reason, by)
    found = [one for one in read(store).by_sha256.values() if one.file == file]
    if not found:
        raise WithdrawalRefusedError(f"Ingen återtagen leverans heter {file}.")
    at = (now or datetime.now(UTC)).isoformat(timespec="seconds")
    for one in found:
        _append(store, {"event": "reinstated", "sha256": one.sha256, "at": at, "by": by, "reason": reason})


def read(store: ExtractStore) -> Record:
    """The withdrawals in force; a last line cut off by a crash is left out."""
    path = store.root / _RECORD
    found: dict[str, Withdrawal] = {}
    if path.exists():
        complete, _, _ = path.read_bytes().rpartition(b"\n")
        for line in complete.splitlines():
            entry = json.loads(line)
            if entry.pop("event") == RULE:
                found[entry["sha256"]] = Withdrawal(**entry)
            else:
                found.pop(entry["sha256"], None)
    return Record(found)


def carry_out(connection: duckdb.DuckDBPyConnection, store: ExtractStore) -> Record:
    """Bring the build file and the stored extracts in line with the record, and return it."""
    record = read(store)
    create_table(connection)
    connection.begin()
    try:
        connection.execute("delete from raw.withdrawn_deliveries")
        for one in record.by_sha256.values():
            connection.execute(
                "insert into raw.withdrawn_deliveries values (?, ?, ?, ?, ?, ?, ?, ?)", list(astuple(one))
            )
            _take_out(connection, one)
        connection.commit()
    except duckdb.Error:
        connection.rollback()
        raise
    for one in record.by_sha256.values():
        if KINDS[one.kind].is_personal:
            _delete_stored(store, one.extract_id)
    return record


def _demand_words(reason: str, by: str) -> None:
    if not reason.strip() or not by.strip():
        raise WithdrawalRefusedError("Ange ett skäl och vem som gör det: båda står i loggen.")
    if contains_personal_number(reason) or contains_personal_number(by):
        raise WithdrawalRefusedError(
            "Skälet innehåller något som ser ut som ett personnummer. Skriv det utan: loggen sparas."
        )


def _loaded(connection: duckdb.DuckDBPyConnection, file: str) -> tuple[str, str, str, int]:
    row = connection.execute(
        "select delivery_files.sha256, delivery_files.kind, extracts.extract_id, extracts.loaded"
        " from raw.delivery_files join raw.extracts using (extract_id)"
        " where delivery_files.file = ? order by delivery_files.received_at desc limit 1",
        [file],
    ).fetchone()
    if row is not None:
        return str(row[0]), str(row[1]), str(row[2]), int(row[3])
    names = [
        str(name)
        for (name,) in connection.execute(
            "select file from raw.delivery_files join raw.extracts using (extract_id)"
            " group by file order by file"
        ).fetchall()
    ]
    listed = ", ".join(names) if names else "inga"
    raise WithdrawalRefusedError(f"Inget är inläst från en fil som heter {file}. Inlästa filer: {listed}.")


def _take_out(connection: duckdb.DuckDBPyConnection, one: Withdrawal) -> None:
    raw_table = KINDS[one.kind].raw_table
    connection.execute(f'delete from raw."{raw_table}" where _extract_id = ?', [one.extract_id])  # noqa: S608
    connection.execute("delete from raw.rejected_rows where extract_id = ?", [one.extract_id])
    connection.execute("delete from raw.extracts where extract_id = ?", [one.extract_id])
    connection.execute(
        "update raw.delivery_files set refused_rule = ?, accepted = 0, quarantined = 0, duplicates = 0,"
        " delivered = 0, extract_id = null where sha256 = ? or extract_id = ?",
        [RULE, one.sha256, one.extract_id],
    )


def _delete_stored(store: ExtractStore, extract_id: str) -> None:
    for extract in store.manifest():
        if extract.source == SOURCE and extract.extract_id == extract_id:
            (store.root / extract.path).unlink(missing_ok=True)


def _append(store: ExtractStore, entry: Mapping[str, object]) -> None:
    store.root.mkdir(parents=True, exist_ok=True)
    path = store.root / _RECORD
    # A line cut off by a crash was never acknowledged; what follows it must begin a line of its own.
    content = path.read_bytes() if path.exists() else b""
    with path.open("ab") as file:
        if content and not content.endswith(b"\n"):
            file.truncate(content.rfind(b"\n") + 1)
        file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
