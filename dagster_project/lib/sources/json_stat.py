"""Checking that a json-stat2 answer holds every cell that was asked for."""

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import PageLedgerError
from dagster_project.lib.sources.json_answers import at, json_object, list_at


def codes_of(document: Any, answer: Answer, dimension: str) -> list[str]:
    """Codes of one dimension of a json-stat2 document, in its order.

    Raises:
        NotThisFileError: no such dimension.
    """
    index = at(document, answer, "dimension", dimension, "category", "index")
    # The format allows both a list and a mapping to positions.
    return list(index) if isinstance(index, list) else sorted(index, key=index.__getitem__)


def check_whole(answer: Answer, selection: Mapping[str, Sequence[str]]) -> None:
    """Compare the answer's codes and number of cells with what was asked for.

    Raises:
        PageLedgerError: codes are missing or extra, or there are fewer or more values than cells.
        NotThisFileError: the answer is not json-stat2.
    """
    document = json_object(answer)
    for dimension, asked in selection.items():
        got = codes_of(document, answer, dimension)
        if set(got) != set(asked) or len(got) != len(asked):
            raise _incomplete(
                answer, f"{len(got)} codes of dimension {dimension!r} came, {len(asked)} were asked for"
            )
    cells = prod(list_at(document, answer, "size"))
    value = at(document, answer, "value")
    # Sparse answers give `value` as a mapping from position to number; then only positions can be checked.
    if isinstance(value, list) and len(value) != cells:
        raise _incomplete(answer, f"{len(value)} values came for {cells} cells")


def _incomplete(answer: Answer, message: str) -> PageLedgerError:
    return PageLedgerError(
        source=answer.address,
        rule="cells_missing",
        message=message,
        remedy="Fetch the table again; if it comes back, compare the codes with the table's metadata.",
    )
