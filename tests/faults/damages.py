"""What happens to a file on its way: changes of its bytes, by the form of the file."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from small_workbook import workbook

Damage = Callable[[bytes], bytes]

WEB_PAGE = "<!DOCTYPE html>\n<html><body>Driftstörning. Försök igen senare.</body></html>".encode()


def web_page(body: bytes) -> bytes:
    return WEB_PAGE


def empty(body: bytes) -> bytes:
    return b""


def in_windows_1252(body: bytes) -> bytes:
    return body.decode("utf-8-sig").encode("cp1252", "replace")


def in_utf_16(body: bytes) -> bytes:
    return body.decode("utf-8-sig").encode("utf-16")


def cut_in_half(body: bytes) -> bytes:
    return body[: len(body) // 2]


# --- text with semicolons ---------------------------------------------------------------------------------


class Table:
    """A delivered text file: header (with the line of group names above it), rows, and what follows."""

    def __init__(self, body: bytes, first_header: str) -> None:
        self._bom = b"\xef\xbb\xbf" if body.startswith(b"\xef\xbb\xbf") else b""
        lines = body.decode("utf-8-sig").split("\n")
        header_at = next(i for i, line in enumerate(lines) if line.startswith(f"{first_header};"))
        is_grouped = (
            header_at > 0 and lines[header_at - 1].strip("; \r") != "" and lines[header_at - 1][0] == ";"
        )
        start = header_at - 1 if is_grouped else header_at
        notes_at = next(
            (i for i, line in enumerate(lines) if line.startswith("Rapportbeskrivning")), len(lines)
        )
        self.banner = lines[:start]
        self.head = lines[start : header_at + 1]
        rows = lines[header_at + 1 : notes_at]
        self.rows = [row for row in rows if row.strip("; \r")]
        self.end = [*rows[len(self.rows) :], *lines[notes_at:]]

    @property
    def columns(self) -> list[str]:
        """Names of the columns, after the name of their group where they have one."""
        names = self.head[-1].split(";")
        if len(self.head) == 1:
            return names
        groups = self.head[0].split(";")
        return [f"{group}: {name}" if group else name for group, name in zip(groups, names, strict=True)]

    def body(self) -> bytes:
        return self._bom + "\n".join([*self.banner, *self.head, *self.rows, *self.end]).encode()

    def set(self, row: int, column: str, value: str) -> None:
        cells = self.rows[row].split(";")
        cells[self.columns.index(column)] = value
        self.rows[row] = ";".join(cells)


def on_table(first_header: str, change: Callable[[Table], None]) -> Damage:
    def damage(body: bytes) -> bytes:
        table = Table(body, first_header)
        change(table)
        return table.body()

    return damage


def renamed(column: str) -> Callable[[Table], None]:
    def change(table: Table) -> None:
        table.head[-1] = table.head[-1].replace(f"{column};", "Nytt namn;", 1)

    return change


def without(column: str) -> Callable[[Table], None]:
    def change(table: Table) -> None:
        at = table.columns.index(column)
        for lines in (table.head, table.rows):
            for i, line in enumerate(lines):
                cells = line.split(";")
                lines[i] = ";".join(cells[:at] + cells[at + 1 :])

    return change


def with_a_new_column(table: Table) -> None:
    def widened(line: str, content: str) -> str:
        first, rest = line.split(";", 1)
        return f"{first};{content};{rest}"

    table.head = [*(widened(line, "") for line in table.head[:-1]), widened(table.head[-1], "Nytt")]
    table.rows = [widened(row, "1") for row in table.rows]


def notes_before_the_rows(table: Table) -> None:
    table.banner, table.end = [*table.banner, *table.end], [""]


def a_note_among_the_rows(table: Table) -> None:
    table.rows.insert(5, "* Uppgiften avser skolenheter med minst tio elever")


def ten_times(column: str) -> Callable[[Table], None]:
    """Every row ten times, with a number in ``column`` so that they are not exact duplicates."""

    def change(table: Table) -> None:
        at = table.columns.index(column)
        rows = [row.split(";") for row in table.rows]
        table.rows = [
            ";".join([*row[:at], f"{row[at]}{n}", *row[at + 1 :]]) for n in range(10) for row in rows
        ]

    return change


def no_rows(table: Table) -> None:
    table.rows = []


def one_row_twice(table: Table) -> None:
    table.rows.insert(40, table.rows[30])


def cut_at_a_line_end(table: Table) -> None:
    table.rows, table.end = table.rows[: len(table.rows) // 2], [""]


def cell(row: int, column: str, value: str) -> Callable[[Table], None]:
    return lambda table: table.set(row, column, value)


# --- JSON -------------------------------------------------------------------------------------------------


def on_json(change: Callable[[Any], Any]) -> Damage:
    """``change`` edits the document in place, or returns another."""

    def damage(body: bytes) -> bytes:
        document = json.loads(body)
        other = change(document)
        return json.dumps(document if other is None else other, ensure_ascii=False).encode()

    return damage


def rename_key(holder: dict[str, Any], key: str) -> None:
    holder["nyttNamn"] = holder.pop(key)


# --- workbooks --------------------------------------------------------------------------------------------

Sheet = list[list[str | float | None]]


def on_sheet(change: Callable[[Sheet], None], sound: Callable[[], Sheet]) -> Damage:
    """A workbook whose sheet is the sound one after ``change``."""

    def damage(body: bytes) -> bytes:
        rows = sound()
        change(rows)
        return workbook(rows)

    return damage


def with_its_text_in_windows_1252(body: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(body)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, content.decode().encode("cp1252") if name.endswith("sheet1.xml") else content)
    return out.getvalue()
