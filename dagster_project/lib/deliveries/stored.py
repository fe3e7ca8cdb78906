"""A reading as the extract store keeps it; `readers.own_deliveries` reads it back and documents its form."""

import gzip
import io
import json
from typing import Any, Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.findings import one_per_row
from dagster_project.lib.deliveries.reader import Reading

_BATCH: Final = 20_000


def as_stored(name: str, reading: Reading) -> Answer:
    """The extract of a file called ``name``. The same reading always gives the same bytes."""
    account = {
        "kind": reading.kind.name,
        "delivered": reading.delivered,
        "duplicates": reading.duplicates,
        "notes": list(reading.notes),
        "rejected": one_per_row(reading.findings),
    }
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=5, mtime=0, filename="") as packed:
        packed.write(_line(account))
        for batch in reading.table.to_batches(max_chunksize=_BATCH):
            packed.write(b"".join(map(_line, batch.to_pylist())))
    return Answer(name, stream.getvalue())


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
