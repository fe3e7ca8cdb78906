"""The account every reader keeps, and the agreement between columns and readers."""

import pyarrow as pa
import pytest

from dagster_project.lib.readers import EMPTY_TABLES, READERS
from dagster_project.lib.readers.columns import COLUMNS, REJECTED
from dagster_project.lib.readers.result import Collector, ReadResult
from dagster_project.lib.ss12000.tables import SS12000_COLUMNS


def test_an_account_that_does_not_add_up_is_refused() -> None:
    table = EMPTY_TABLES["kolada_units"].empty_table()
    with pytest.raises(ValueError, match="1 rows delivered but 0 accounted for"):
        ReadResult(table, REJECTED.empty_table(), 0, 1, [], "")


def test_a_reader_that_loses_a_row_cannot_finish() -> None:
    collector = Collector("kolada_units", delivered=2)
    collector.add("answer", 1, ["V15E1", "Skolan", "0380"])
    with pytest.raises(ValueError, match="2 rows delivered but 1"):
        collector.result()


def test_every_raw_table_has_a_reader_and_a_schema() -> None:
    # SS 12000 has no answers to read: its edge writes rows, which the database loads itself.
    assert READERS.keys() | SS12000_COLUMNS.keys() == EMPTY_TABLES.keys() == COLUMNS.keys()
    assert not READERS.keys() & SS12000_COLUMNS.keys()


@pytest.mark.parametrize("table", EMPTY_TABLES)
def test_a_schema_is_text_then_the_rows_place(table: str) -> None:
    schema = EMPTY_TABLES[table]
    assert schema.names == [*COLUMNS[table], "_source_file", "_row_number"]
    assert set(schema.types[:-1]) == {pa.string()}
    assert schema.types[-1] == pa.int64()
    assert len(set(schema.names)) == len(schema.names)


def test_cells_are_trimmed_and_empty_ones_are_null() -> None:
    collector = Collector("kolada_units", delivered=1)
    collector.add("answer", 1, [" V15E1\u00a0", "  ", None])
    assert collector.result().table.to_pylist()[0] == {
        "ou": "V15E1",
        "title": None,
        "municipality_code": None,
        "_source_file": "answer",
        "_row_number": 1,
    }


def test_a_row_with_control_characters_is_set_aside() -> None:
    collector = Collector("kolada_units", delivered=1)
    collector.add("answer", 1, ["V15E1", "Sko\x00lan", None])
    result = collector.result()
    assert (result.table.num_rows, result.rejected["rule"].to_pylist()) == (0, ["unprintable"])
