"""Writes the tables as the files a municipality would send: every encoding and separator once."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from pathlib import Path

from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import Column, ColumnType
from demo.deliveries import xlsx
from demo.deliveries.table import Cell, Table


@dataclass(frozen=True)
class Form:
    """How a file is written; an empty encoding means a workbook."""

    name: str
    encoding: str = ""
    separator: str = ";"


FORMS = {
    "staff": Form("personal.xlsx"),
    "staff_qualifications": Form("behorigheter.csv", "utf-8-sig"),
    "ledger": Form("ekonomi.csv", "cp1252"),
    "structural_pools": Form("strukturersattning.csv", "utf-8"),
    "socioeconomic_index": Form("socioekonomiskt_index.xlsx"),
    "national_tests": Form("nationella_prov.csv", "utf-8", ","),
    "early_assessments": Form("kartlaggning.csv", "utf-8-sig"),
    "grade_forecasts": Form("betygsprognoser.csv", "utf-16", "\t"),
    "upper_secondary_outcomes": Form("gymnasieutfall.csv", "utf-8-sig"),
    "background": Form("bakgrund.csv", "cp1252"),
    "survey": Form("enkat.csv", "utf-8-sig"),
    "measures": Form("atgarder.xlsx"),
    "kaa": Form("kaa.csv", "utf-8-sig"),
    "private_units": Form("fristaende_enheter.csv", "cp1252"),
}


def _label(column: Column, value: Cell) -> Cell:
    """A code as its label in the template, yes and no in Swedish."""
    if value is None:
        return None
    if column.type is ColumnType.CODE:
        return next(label for label, code in column.allowed.items() if code == value)
    if column.type is ColumnType.YES_NO:
        return "Ja" if value else "Nej"
    return value


def _text(column: Column, value: Cell) -> str:
    """A cell of a text file: decimal comma, thousands in groups for money."""
    if value is None:
        return ""
    if column.type is ColumnType.MONEY:
        return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}")
    if column.type in (ColumnType.DECIMAL, ColumnType.PERCENT):
        return str(value).replace(".", ",")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def write(folder: Path, table: Table) -> Path:
    """Write one table under its headers in the template, and return the file."""
    kind, form = KINDS[table.kind], FORMS[table.kind]
    columns = [kind.by_name[name] for name in table.columns]
    header = [column.header_sv for column in columns]
    rows = [[_label(c, v) for c, v in zip(columns, row, strict=True)] for row in table.rows]
    path = folder / form.name
    if not form.encoding:
        xlsx.write(path, header, rows)
        return path
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=form.separator, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([_text(c, v) for c, v in zip(columns, row, strict=True)] for row in rows)
    path.write_bytes(text.getvalue().encode(form.encoding))
    return path
