"""A delivered file to normalised rows: refused by name, or row by row set aside and accounted for.

Personal identity numbers become pseudonyms here; nothing that leaves this module can hold one.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.columns_of_cells import gather
from dagster_project.lib.deliveries.findings import Finding
from dagster_project.lib.deliveries.headers import is_header, known_headers, positions
from dagster_project.lib.deliveries.kinds import Column, Kind
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.deliveries.sheet import Sheet
from dagster_project.lib.deliveries.text_file import open_text
from dagster_project.lib.deliveries.values import Judge, value_class
from dagster_project.lib.deliveries.workbook import open_workbook
from dagster_project.lib.errors import DeliveryProblem

_ROW: Final = "_row_number"
_MOST_BYTES: Final = 512 * 1024**2
_OTHER_FORMATS: Final = (b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0", b"Rar!", b"7z\xbc\xaf", b"{\\rtf")


class NothingReadableError(DeliveryProblem):
    """Every row of a delivery was set aside; ``findings`` says why."""

    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class Reading:
    """What became of one file that could be read.

    Attributes:
        kind: guessed or given.
        table: sound rows: ``_row_number`` and the columns of the raw table, as normalised text.
        findings: what is wrong with the rows set aside, in order of row.
        rejected: how many rows were set aside.
        duplicates: rows that say the same as an earlier one in every column.
        delivered: rows under the header that are not blank.
        notes: what the sender should know though nothing was set aside for it, in Swedish.
    """

    kind: Kind
    table: pa.Table
    findings: Sequence[Finding]
    rejected: int
    duplicates: int
    delivered: int
    notes: Sequence[str]

    def __post_init__(self) -> None:
        accounted = self.table.num_rows + self.rejected + self.duplicates
        if self.delivered != accounted:
            raise ValueError(f"{self.delivered} rows delivered but {accounted} accounted for")


def open_sheet(answer: Answer) -> Sheet:
    """The header row of a file, and its rows to be gone through.

    Raises:
        DeliveryProblem: it is no text file or workbook, or cannot be read as one.
    """
    head = answer.body[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not head and len(answer.body) <= 1024:
        raise refused(answer.address, "empty_file")
    if len(answer.body) > _MOST_BYTES:
        raise refused(answer.address, "too_large")
    if head.startswith(b"<"):
        raise refused(answer.address, "web_page")
    if head.startswith(_OTHER_FORMATS):
        raise refused(answer.address, "not_this_file")
    return open_workbook(answer) if head.startswith(b"PK") else open_text(answer, known_headers)


def read_sheet(
    source: str,
    sheet: Sheet,
    kind: Kind,
    *,
    pseudonym_of: Callable[[str], str | None],
    municipality_code: str,
) -> Reading:
    """Read all rows of one file.

    Args:
        source: the file's name.
        sheet: of :func:`open_sheet`.
        kind: what it is.
        pseudonym_of: personal identity number -> pseudonym, none for what is no such number.
        municipality_code: of the installation, for the kinds that say whose they are.

    Raises:
        NothingReadableError: every row was set aside (rule ``no_sound_rows``).
        DeliveryProblem: the file cannot be used as a whole, by one of the rules in ``rules.FILE_RULES``.
    """
    found, unknown = positions(source, sheet.header, kind)
    columns = gather(sheet.rows, found, lambda cells: is_header(cells, kind))
    if not columns.delivered:
        raise refused(source, "no_rows")

    judged, findings = _judged(columns.cells, kind, Judge(pseudonym_of, sheet.is_workbook))
    findings += [Finding(number, "", rule) for number, rule in columns.broken]
    unsound = {finding.row for finding in findings}
    sound = _without(judged, unsound)
    distinct = _first_of_each(sound, [name for name in sound.column_names if name != _ROW])
    contradictions = _contradictions(distinct, kind)
    table = _without(distinct, {finding.row for finding in contradictions})
    findings = sorted([*findings, *contradictions], key=lambda finding: finding.row)
    if not table.num_rows:
        raise _nothing_readable(source, findings)
    return Reading(
        kind=kind,
        table=_as_raw(table, kind, municipality_code),
        findings=findings,
        rejected=len(unsound) + len(contradictions),
        duplicates=sound.num_rows - distinct.num_rows,
        delivered=columns.delivered,
        notes=_notes(unknown),
    )


def _nothing_readable(source: str, findings: Sequence[Finding]) -> NothingReadableError:
    words = refused(source, "no_sound_rows")
    problem = NothingReadableError(words.source, words.rule, words.message, words.remedy)
    problem.findings = findings
    return problem


def _without(table: pa.Table, rows: Collection[int]) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table[_ROW], value_set=pa.array(list(rows), pa.int64()))))


def _judged(cells: pa.Table, kind: Kind, judge: Judge) -> tuple[pa.Table, list[Finding]]:
    """Normalised columns in the template's order, and a finding for every cell that breaks a rule."""
    columns = {_ROW: cells[_ROW]}
    findings: list[Finding] = []
    for column in kind.columns:
        columns[column.name], broken = _judged_column(column, cells[column.name], cells[_ROW], judge)
        findings += broken
    return pa.table(columns), findings


def _judged_column(
    column: Column, cells: pa.ChunkedArray, rows: pa.ChunkedArray, judge: Judge
) -> tuple[pa.ChunkedArray, list[Finding]]:
    # Each distinct cell is judged once: a million rows hold few of them, persons apart.
    distinct = cells.unique()
    texts = distinct.to_pylist()
    judged = [judge.judge(column, text) for text in texts]
    at = pc.index_in(cells, value_set=distinct)
    values = pa.array([one.value for one in judged], pa.string())
    broken_values = pa.array([one.rule is not None for one in judged], pa.bool_())
    broken = pc.take(broken_values, at)
    findings = [
        Finding(row, column.header_sv, judged[place].rule or "", value_class(texts[place]))
        for row, place in zip(rows.filter(broken).to_pylist(), at.filter(broken).to_pylist(), strict=True)
    ]
    return pc.take(values, at), findings


def _first_of_each(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """The first row of those that are alike in ``names``."""
    first = table.group_by(names, use_threads=False).aggregate([(_ROW, "min")])[f"{_ROW}_min"]
    return table.filter(pc.is_in(table[_ROW], value_set=first.combine_chunks()))


def _contradictions(distinct: pa.Table, kind: Kind) -> list[Finding]:
    """A finding for every row whose key another row has too; they differ, for duplicates are gone."""
    keys = distinct.group_by(list(kind.key), use_threads=False).aggregate([(_ROW, "list")])[f"{_ROW}_list"]
    several = keys.filter(pc.greater(pc.list_value_length(keys), 1)).to_pylist()
    return [
        Finding(row, "", "contradiction", other_row=next(other for other in rows if other != row))
        for rows in several
        for row in rows
    ]


def _as_raw(table: pa.Table, kind: Kind, municipality_code: str) -> pa.Table:
    if kind.adds_municipality:
        codes = pa.array([municipality_code] * table.num_rows, pa.string())
        table = table.append_column("municipality_code", codes)
    return table.select([_ROW, *kind.raw_columns])


def _notes(unknown: Sequence[int]) -> list[str]:
    # A header text may be a data row's cell: only its place is repeated.
    letters = ", ".join(_letter(position) for position in unknown)
    return [f"Kolumner som inte finns i mallen läses inte: {letters}."] if unknown else []


def _letter(position: int) -> str:
    """The name spreadsheets give a column: 0 -> A, 26 -> AA."""
    letters = ""
    while position >= 0:
        letters = chr(ord("A") + position % 26) + letters
        position = position // 26 - 1
    return letters
