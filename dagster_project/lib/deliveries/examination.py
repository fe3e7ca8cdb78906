"""One file looked at from the outside: what it is, whether it can be used, and what its sender is told."""

from collections.abc import Callable
from dataclasses import dataclass

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries import report
from dagster_project.lib.deliveries.headers import guess_kind
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.reader import Reading, open_sheet, read_sheet
from dagster_project.lib.errors import DeliveryProblem


@dataclass(frozen=True)
class Examination:
    """A file's kind (none where it could not be told) and either its reading or why it was refused."""

    name: str
    kind: Kind | None
    outcome: Reading | DeliveryProblem

    @property
    def is_flawless(self) -> bool:
        """Whether everything in the file can be used."""
        return isinstance(self.outcome, Reading) and not self.outcome.rejected

    def report(self) -> str:
        """What its sender is told, in Swedish."""
        if isinstance(self.outcome, Reading):
            return report.of_reading(self.name, self.outcome)
        return report.of_refusal(self.name, self.outcome, self.kind)


def examine(
    answer: Answer,
    *,
    kind: Kind | None,
    pseudonym_of: Callable[[str], str | None],
    municipality_code: str,
) -> Examination:
    """Read a file; its kind is guessed from the header row when not given. Else as `read_sheet`."""
    try:
        sheet = open_sheet(answer)
        kind = kind or guess_kind(answer.address, sheet.header.cells or [])
        reading = read_sheet(
            answer.address, sheet, kind, pseudonym_of=pseudonym_of, municipality_code=municipality_code
        )
    except DeliveryProblem as problem:
        return Examination(answer.address, kind, problem)
    return Examination(answer.address, kind, reading)
