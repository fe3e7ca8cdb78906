"""One list of the server, page by page through the edge into files: memory does not grow with the pages."""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.ss12000 import deleted
from dagster_project.lib.ss12000.client import Page, Ss12000Client
from dagster_project.lib.ss12000.edge import Projection
from dagster_project.lib.ss12000.rows import RowFile
from dagster_project.lib.ss12000.tables import DELETED, Endpoint

_EDGE = ("tables.py", "edge.py", "rows.py", "deleted.py")


@dataclass(frozen=True)
class Fetched:
    """What one list said when it was asked.

    Attributes:
        endpoint: the list.
        files: rows per raw table, in the endpoint's order.
        rows: how many lines each file has.
        address: asked for, without its query.
        pages: how many it came in.
        sha256: over the bytes received, without page tokens, and the edge's code.
        size_bytes: received.
        asked_at: when the first page was answered, by the server's clock where it shows one.
        has_date: the server showed its clock.
        notes: what the officer on duty should know.
    """

    endpoint: Endpoint
    files: Sequence[Path]
    rows: Sequence[int]
    address: str
    pages: int
    sha256: str
    size_bytes: int
    asked_at: dt.datetime
    has_date: bool
    notes: Sequence[str]


@cache
def edge_fingerprint() -> str:
    """Hash of the edge's own code: under another edge a list is fetched whole again."""
    digest = hashlib.sha256()
    for name in _EDGE:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()[:16]


def fetch(
    client: Ss12000Client,
    endpoint: Endpoint,
    query: Mapping[str, str],
    *,
    folder: Path,
    pseudonymiser: Pseudonymiser,
) -> Fetched:
    """Ask for ``endpoint`` with ``query`` and write its rows to files in ``folder``.

    Raises: as :meth:`Ss12000Client.pages`.
    """
    digest = hashlib.sha256(edge_fingerprint().encode())
    asked_at, has_date = dt.datetime.now(dt.UTC), False
    address, pages, size, empty = "", 0, 0, 0
    projections = [Projection(table, pseudonymiser) for table in endpoint.tables]
    with ExitStack() as stack:
        files = [
            stack.enter_context(RowFile(folder / f"{table.name}.rows.gz", table)) for table in endpoint.tables
        ]
        for page in client.pages(endpoint.name, query):
            if pages == 0:
                address = page.address
                if page.date is not None:
                    asked_at, has_date = page.date, True
            pages += 1
            size += len(page.received)
            empty += not page.data and not page.is_last
            digest.update(page.received)
            entities = _entities(endpoint, page, asked_at, pseudonymiser)
            for projection, file in zip(projections, files, strict=True):
                file.write(projection.rows(entities))
    return Fetched(
        endpoint=endpoint,
        files=[file.path for file in files],
        rows=[file.rows for file in files],
        address=address,
        pages=pages,
        sha256=digest.hexdigest(),
        size_bytes=size,
        asked_at=asked_at,
        has_date=has_date,
        notes=_notes(projections, empty),
    )


def _entities(
    endpoint: Endpoint, page: Page, asked_at: dt.datetime, pseudonymiser: Pseudonymiser
) -> Sequence[Any]:
    if endpoint is DELETED:
        return list(deleted.entries(page, asked_at, pseudonymiser))
    # An object where a list of entities belongs is one entity of the wrong kind, and set aside as such.
    return page.data if isinstance(page.data, list) else [[]]


def _notes(projections: Sequence[Projection], empty: int) -> list[str]:
    notes = [
        f"{projection.table.name}.{column}: an identity number stood in {count} cells; they were blanked. "
        "Ask whoever writes there not to."
        for projection in projections
        for column, count in projection.blanked.items()
    ]
    if empty:
        notes.append(f"{empty} pages were empty although more followed.")
    return notes
