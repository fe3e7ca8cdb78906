"""Extracts of the municipality's own files: normalised and pseudonymised rows, with an account before them.

Gzipped lines of JSON. The first is the account: ``kind``, ``delivered``, ``duplicates``, ``notes`` and
``rejected`` (row number, rule, reason). Every other is a sound row: ``_row_number`` in the file, and the
columns of the raw table.
"""

import gzip
import io
import json
from collections.abc import Callable, Sequence
from typing import Final

import pyarrow as pa
import pyarrow.json

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.readers.columns import EMPTY_TABLES, REJECTED
from dagster_project.lib.readers.result import ReadResult, fingerprint


def _reader_of(kind: Kind) -> Callable[[Sequence[Answer]], ReadResult]:
    schema = EMPTY_TABLES[kind.raw_table]
    stored = pa.schema([schema.field("_row_number"), *map(schema.field, kind.raw_columns)])

    def read(answers: Sequence[Answer]) -> ReadResult:
        (answer,) = answers
        first, _, lines = gzip.decompress(answer.body).partition(b"\n")
        account = json.loads(first)
        rows = pyarrow.json.read_json(
            io.BytesIO(lines),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=stored, unexpected_field_behavior="error"
            ),
        )
        rejected = [(answer.address, *row) for row in account["rejected"]]
        columns = list(map(list, zip(*rejected, strict=True))) or [[]] * len(REJECTED)
        source = pa.array([answer.address] * rows.num_rows, pa.string())
        return ReadResult(
            table=rows.append_column("_source_file", source).select(schema.names),
            rejected=pa.table(columns, schema=REJECTED),
            duplicates=account["duplicates"],
            delivered=account["delivered"],
            notes=account["notes"],
            schema_fingerprint=fingerprint(kind.raw_columns),
        )

    return read


OWN_DELIVERY_READERS: Final = {kind.raw_table: _reader_of(kind) for kind in KINDS.values()}
