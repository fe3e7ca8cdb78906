"""Refusals of a delivered file as a whole, in the sender's language."""

from typing import Final

from dagster_project.lib.deliveries.rules import FILE_RULES
from dagster_project.lib.errors import (
    DeliveryProblem,
    HeaderChangedError,
    NotThisFileError,
    SourceUnavailableError,
    TooManyRowsError,
    TruncatedError,
    WrongEncodingError,
)

_CLASSES: Final[dict[str, type[DeliveryProblem]]] = {
    "wrong_encoding": WrongEncodingError,
    "garbled_letters": WrongEncodingError,
    "truncated": TruncatedError,
    "too_large": TooManyRowsError,
    "missing_column": HeaderChangedError,
    "doubled_column": HeaderChangedError,
    "unreadable": SourceUnavailableError,
    "still_growing": SourceUnavailableError,
}


def refused(source: str, rule: str, *, column: str | None = None, row: int | None = None) -> DeliveryProblem:
    """The problem to raise for ``rule`` of :data:`FILE_RULES`.

    Args:
        source: the file's name.
        rule: what is wrong with it.
        column: header in the template, never one out of the file.
        row: 1-based row of the file.
    """
    words = FILE_RULES[rule]
    return _CLASSES.get(rule, NotThisFileError)(
        source=source, rule=rule, message=words.found_sv, remedy=words.remedy_sv, row=row, column=column
    )
