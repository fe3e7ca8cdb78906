"""The same tables as Parquet for programs and as CSV for a Swedish Excel."""

import re
from pathlib import Path

import duckdb

from dagster_project.lib.release.sql import identifier

PARQUET_FOLDER = "parquet"
CSV_FOLDER = "csv"

_FRACTIONAL = re.compile(r"DOUBLE|FLOAT|DECIMAL\(.*\)")
_PLAIN = re.compile(r"U?(TINY|SMALL|BIG)?(INT|INTEGER)|BOOLEAN|DATE|TIME.*|UUID")
# What a spreadsheet takes for the start of a formula, the full-width forms included.
_FORMULA_START = r"^[=+\-@\t\r\n＝＋－＠]"
# Tells Excel that the file is UTF-8. DuckDB has no option for it, so it goes in front of the first heading.
_BYTE_ORDER_MARK = "\ufeff"


def write_exports(database: Path, folder: Path, *, decimal_comma: bool = True) -> None:
    """Write ``parquet/<table>.parquet`` (zstd) and ``csv/<table>.csv`` of every table into ``folder``.

    CSV: UTF-8 with byte order mark, ``;`` between cells, decimal comma, empty cell for a missing value.
    A text that a spreadsheet would run as a formula gets an apostrophe in front.

    Args:
        database: the release's DuckDB file.
        folder: existing folder of the release.
        decimal_comma: ``False`` writes ``1.5`` instead of ``1,5``.

    Raises:
        duckdb.IOException: the disk did not take a file.
    """
    for name in (PARQUET_FOLDER, CSV_FOLDER):
        (folder / name).mkdir()
    with duckdb.connect(
        database, read_only=True, config={"temp_directory": str(folder / "spill")}
    ) as connection:
        tables = [row[0] for row in connection.execute("select table_name from duckdb_tables()").fetchall()]
        for table in sorted(tables):
            relation = connection.table(identifier(table))
            relation.write_parquet(str(folder / PARQUET_FOLDER / f"{table}.parquet"), compression="zstd")
            columns = ", ".join(
                _csv_column(name, str(data_type), first=position == 0, decimal_comma=decimal_comma)
                for position, (name, data_type) in enumerate(
                    zip(relation.columns, relation.types, strict=True)
                )
            )
            relation.project(columns).write_csv(
                str(folder / CSV_FOLDER / f"{table}.csv"), sep=";", header=True, encoding="utf-8"
            )


def _csv_column(name: str, data_type: str, *, first: bool, decimal_comma: bool) -> str:
    column = identifier(name)
    heading = f'"{_BYTE_ORDER_MARK}{name}"' if first else column
    if _PLAIN.fullmatch(data_type):
        cell = column
    elif _FRACTIONAL.fullmatch(data_type):
        cell = f"replace({column}::varchar, '.', ',')" if decimal_comma else column
    else:
        text = f"{column}::varchar"
        cell = f"case when regexp_matches({text}, '{_FORMULA_START}') then '''' || {text} else {text} end"
    return f"{cell} as {heading}"
