"""What was found wrong in a file: a row per cell, or per row where its form is wrong. Never the content."""

from collections.abc import Sequence
from dataclasses import dataclass

from dagster_project.lib.deliveries.rules import ROW_RULES


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule.

    Attributes:
        row: 1-based line of the file or row of the sheet.
        column: header in the template; empty when the row as a whole is to blame.
        rule: one of :data:`ROW_RULES`.
        value_class: what sort of thing the cell holds (``text``, ``tal``), empty for a row.
        other_row: the row it contradicts.
    """

    row: int
    column: str
    rule: str
    value_class: str = ""
    other_row: int | None = None

    def sentence(self) -> str:
        """What was found and what to do, in Swedish, without the place."""
        words = ROW_RULES[self.rule]
        found = words.found_sv
        if self.value_class:
            found = f"{found.removesuffix('.')} (innehåll: {self.value_class})."
        if self.other_row is not None:
            found = f"{found.removesuffix('.')} (rad {self.other_row})."
        return f"{found} {words.remedy_sv}"

    def reason(self) -> str:
        """The same with the column, for the quarantine."""
        return f"Kolumnen {self.column}: {self.sentence()}" if self.column else self.sentence()


def one_per_row(findings: Sequence[Finding]) -> list[tuple[int, str, str]]:
    """Row, first rule and all reasons of every row with a finding, in order of row."""
    rows: dict[int, list[Finding]] = {}
    for finding in findings:
        rows.setdefault(finding.row, []).append(finding)
    return [
        (row, found[0].rule, " ".join(finding.reason() for finding in found))
        for row, found in sorted(rows.items())
    ]
