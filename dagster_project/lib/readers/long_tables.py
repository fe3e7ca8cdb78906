"""Long tables of many cells, put together column by column instead of row by row."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.lib.readers.columns import COLUMNS, EMPTY_TABLES, REJECTED
from dagster_project.lib.readers.result import UNPRINTABLE, ReadResult, fingerprint

_POSITION: Final = "_position"


@dataclass(frozen=True)
class Part:
    """What one file or answer brings: a text array per column, and the row number of every cell."""

    source: str
    columns: dict[str, pa.Array]
    row_numbers: pa.Array


def assemble(raw_table: str, parts: Sequence[Part], headers: Sequence[str], notes: list[str]) -> ReadResult:
    """Put parts together, set rows with broken text aside and drop exact duplicates.

    Args:
        raw_table: name of the raw table.
        parts: in the order delivered.
        headers: header texts for the schema fingerprint.
        notes: passed on.
    """
    names = list(COLUMNS[raw_table])
    schema = EMPTY_TABLES[raw_table]
    delivered = pa.concat_tables([_table(part, schema) for part in parts] or [schema.empty_table()])

    broken = reduce(
        pc.or_,
        (
            pc.fill_null(pc.match_substring_regex(delivered[name], UNPRINTABLE.pattern), False)
            for name in names
        ),
    )
    whole = delivered.filter(pc.invert(broken))
    numbered = whole.append_column(_POSITION, pa.array(range(whole.num_rows), pa.int64()))
    first = numbered.group_by(names, use_threads=False).aggregate([(_POSITION, "min")])[f"{_POSITION}_min"]
    table = whole.take(first.sort())

    places = delivered.filter(broken).select(REJECTED.names[:2])
    count = places.num_rows
    reason = "A cell holds control characters or broken text."
    rejected = pa.table(
        [*places.columns, pa.array(["unprintable"] * count), pa.array([reason] * count)], schema=REJECTED
    )
    return ReadResult(
        table=table,
        rejected=rejected,
        duplicates=whole.num_rows - table.num_rows,
        delivered=delivered.num_rows,
        notes=notes,
        schema_fingerprint=fingerprint(dict.fromkeys(headers)),
    )


def _table(part: Part, schema: pa.Schema) -> pa.Table:
    rows = len(part.row_numbers)
    text = {
        name: pc.if_else(pc.equal(trimmed, ""), None, trimmed)
        for name, array in part.columns.items()
        for trimmed in (pc.utf8_trim_whitespace(array),)
    }
    return pa.table(
        {
            **text,
            "_source_file": pa.array([part.source] * rows, pa.string()),
            "_row_number": part.row_numbers,
        },
        schema=schema,
    )
