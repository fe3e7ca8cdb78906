"""What a build is made of, as one hash: when it is the same, building again gives the same release."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path

import duckdb

# Everything whose change can change a release, relative to the project's root.
CODE_PATTERNS = (
    "models/**/*",
    "seeds/**/*",
    "expectations/**/*",
    "tests/dbt/**/*",
    "dbt_project/*.yml",
    "dbt_project/macros/**/*",
    "dagster_project/**/*.py",
    "requirements.lock",
)


def of_files(root: Path, patterns: Iterable[str] = CODE_PATTERNS) -> str:
    """Hash over names and contents of the files below ``root`` that match ``patterns``."""
    digest = hashlib.sha256()
    paths = {path for pattern in patterns for path in root.glob(pattern) if path.is_file()}
    for path in sorted(path for path in paths if "__pycache__" not in path.parts):
        digest.update(str(path.relative_to(root)).encode())
        digest.update(b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()


def of_deliveries(connection: duckdb.DuckDBPyConnection) -> str:
    """Hash over what is loaded and what could not be; schema ``raw`` must exist."""
    rows = connection.execute(
        """
        select source, dataset, period, extract_id, reader_fingerprint from raw.extracts
        union all
        select source, dataset, period, rule, 'problem' from raw.delivery_problems
        union all
        select 'person_keys', '', position::varchar, fingerprint, '' from raw.person_keys
        order by all
        """
    ).fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def of_build(
    root: Path, connection: duckdb.DuckDBPyConnection, latest_revision: dt.date | None = None
) -> str:
    """Hash of code, deliveries and the last scheduled revision, whose coming lets frozen figures go."""
    parts = of_files(root) + of_deliveries(connection)
    if latest_revision is not None:
        parts += latest_revision.isoformat()
    return hashlib.sha256(parts.encode()).hexdigest()
