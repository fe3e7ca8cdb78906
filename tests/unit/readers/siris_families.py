"""Cut-outs of published SIRIS files: banner, header, twelve rows, start of the notes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from dagster_project.lib.answers import Answer
from dagster_project.lib.readers.siris import Report

CUT_OUTS = Path(__file__).parents[2] / "fixtures" / "readers"
FILES = {
    "siris_final_grades_y9": "slutbetyg_ak9_2025_skolenhet.csv",
    "siris_grades_y6": "betyg_ak6_2025_kommun.csv",
    "siris_pupils": "elever_per_ak_2024_kommun.csv",
    "siris_teachers": "personal_legitimation_2024_kommun.csv",
    "siris_national_tests_y9": "np9_per_kon_2024_kommun.csv",
    "siris_eligibility_y9": "siris155_behorighet_2024_25_kommun.csv",
    "siris_costs": "kostnader_gr_2024_kommun.csv",
}


@dataclass(frozen=True)
class Family:
    """One SIRIS report and a cut-out of a published file of it."""

    report: Report
    name: str
    body: bytes

    @property
    def lines(self) -> list[str]:
        return self.body.decode("utf-8-sig").split("\n")

    @property
    def header_at(self) -> int:
        """0-based line of the header row."""
        return next(i for i, line in enumerate(self.lines) if line.startswith(self.report.first_header + ";"))

    @property
    def rows(self) -> slice:
        """0-based lines of the rows."""
        notes = next(i for i, line in enumerate(self.lines) if line.startswith("Rapportbeskrivning"))
        return slice(self.header_at + 1, notes - 1)

    def answer(self, lines: list[str] | bytes | None = None) -> Answer:
        """The cut-out, or other lines or bytes, under its file name."""
        if lines is None:
            return Answer(self.name, self.body)
        body = lines if isinstance(lines, bytes) else ("\ufeff" + "\n".join(lines)).encode()
        return Answer(self.name, body)

    def changed(self, change: Callable[[list[str]], None]) -> Answer:
        """The cut-out after ``change`` edited its lines in place."""
        lines = self.lines
        change(lines)
        return self.answer(lines)


def family_of(report: Report) -> Family:
    name = FILES[report.table]
    return Family(report, name, (CUT_OUTS / name).read_bytes())
