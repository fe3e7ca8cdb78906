"""The log of deliveries: what became of every file that was ever dropped, one row per file and content."""

from dataclasses import astuple, dataclass
from datetime import datetime

import duckdb

_CREATE = """
create table if not exists raw.delivery_files (
    file varchar not null,
    kind varchar,
    received_at timestamptz not null,
    sha256 varchar not null,
    delivered bigint not null,
    accepted bigint not null,
    quarantined bigint not null,
    duplicates bigint not null,
    refused_rule varchar,
    report varchar,
    extract_id varchar,
    read_by varchar not null,
    primary key (file, sha256)
)
"""


@dataclass(frozen=True)
class LogEntry:
    """What became of one file.

    Attributes:
        file: its name below the folder.
        kind: what it is; none where that could not be told.
        received_at: when it was last changed, UTC.
        sha256: of its bytes.
        delivered, accepted, quarantined, duplicates: rows; all zero for a refused file.
        refused_rule: why it was refused as a whole.
        report: name of the report beside it; none where none could be written.
        extract_id: what was kept of it.
        read_by: fingerprint of the code that read it, and for which municipality.
    """

    file: str
    kind: str | None
    received_at: datetime
    sha256: str
    delivered: int
    accepted: int
    quarantined: int
    duplicates: int
    refused_rule: str | None
    report: str | None
    extract_id: str | None
    read_by: str


def create_table(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``raw.delivery_files`` where it is missing; schema ``raw`` must exist."""
    connection.execute(_CREATE)


def record(connection: duckdb.DuckDBPyConnection, entry: LogEntry) -> None:
    """Write the row of a file; read again, it keeps the moment it was first received."""
    connection.execute(
        "insert into raw.delivery_files values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " on conflict (file, sha256) do update set"
        " kind = excluded.kind, delivered = excluded.delivered, accepted = excluded.accepted,"
        " quarantined = excluded.quarantined, duplicates = excluded.duplicates,"
        " refused_rule = excluded.refused_rule, report = excluded.report,"
        " extract_id = excluded.extract_id, read_by = excluded.read_by",
        list(astuple(entry)),
    )


def known(connection: duckdb.DuckDBPyConnection, *, file: str, sha256: str, read_by: str) -> LogEntry | None:
    """The row of a file that was read by the same code and whose rows are the ones loaded now, else none."""
    row = connection.execute(
        "select delivery_files.* from raw.delivery_files"
        " join raw.extracts on extracts.extract_id = delivery_files.extract_id"
        " where file = ? and delivery_files.sha256 = ? and read_by = ? and refused_rule is null",
        [file, sha256, read_by],
    ).fetchone()
    return None if row is None else LogEntry(*row)


def forget_problems(connection: duckdb.DuckDBPyConnection, source: str, still: list[tuple[str, str]]) -> None:
    """Take away the problems of ``source`` but those of the (dataset, period) in ``still``.

    A refused file that was mended under another name, or taken away, is nobody's problem any more.
    """
    connection.execute(
        "delete from raw.delivery_problems where source = $1"
        " and not list_contains($2::varchar[], dataset || chr(10) || period)",
        [source, [f"{dataset}\n{period}" for dataset, period in still]],
    )
