"""What the sender is told, in Swedish: the outcome, the account, and every problem with its place."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from dagster_project.lib.deliveries.findings import Finding
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.reader import NothingReadableError, Reading
from dagster_project.lib.deliveries.rules import ROW_RULES
from dagster_project.lib.errors import DeliveryProblem

#: Ends the name of the report that is written beside a delivery.
SUFFIX: Final = ".rapport.txt"
_MOST_LISTED: Final = 200


def of_reading(name: str, reading: Reading) -> str:
    """Report on a file that could be read. The same file always gets the same text."""
    outcome = "Godtagen, men rader står i karantän." if reading.rejected else "Godtagen."
    account = (
        ("Rader i filen", reading.delivered),
        ("Inlästa", reading.table.num_rows),
        ("I karantän", reading.rejected),
        ("Dubbletter", reading.duplicates),
    )
    return _text(
        name,
        outcome,
        [f"Mall: {_title(reading.kind)}", *(f"{label}: {count}" for label, count in account)],
        list(reading.notes),
        _listed(reading.findings),
    )


def of_refusal(name: str, problem: DeliveryProblem, kind: Kind | None) -> str:
    """Report on a file that was refused as a whole; what was loaded before stands."""
    place = "" if problem.column is None else f' Kolumn: "{problem.column}".'
    found = f"{problem.message[:1].upper()}{problem.message[1:]}."
    findings = problem.findings if isinstance(problem, NothingReadableError) else ()
    return _text(
        name,
        "Avvisad i sin helhet. Det som lästs in tidigare gäller.",
        [] if kind is None else [f"Mall: {_title(kind)}"],
        [f"{found}{place}", problem.remedy, f"(Regel: {problem.rule})"],
        _listed(findings),
    )


def _title(kind: Kind) -> str:
    return f"{kind.title_sv} ({kind.name})"


def _text(
    name: str, outcome: str, account: Sequence[str], remarks: Sequence[str], problems: Sequence[str]
) -> str:
    parts = ["\n".join([f"Leveransrapport: {name}", f"Utfall: {outcome}", *account])]
    if remarks:
        parts.append("\n".join(remarks))
    if problems:
        parts.append("\n".join(["Rader i karantän:", *problems]))
        parts.append("Rätta i källan och lämna hela filen på nytt med samma namn.")
    return "\n\n".join(parts) + "\n"


def _listed(findings: Sequence[Finding]) -> list[str]:
    lines = [f"- {_place(finding)}: {finding.sentence()}" for finding in findings[:_MOST_LISTED]]
    rest = Counter((finding.column, finding.rule) for finding in findings[_MOST_LISTED:])
    lines += [
        f"- och {times} till{f', kolumnen {column}' if column else ''}: {ROW_RULES[rule].found_sv}"
        for (column, rule), times in sorted(rest.items())
    ]
    return lines


def _place(finding: Finding) -> str:
    return f"rad {finding.row}" + (f", kolumnen {finding.column}" if finding.column else "")
