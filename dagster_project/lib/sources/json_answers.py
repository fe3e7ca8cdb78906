"""Reading just enough of a JSON answer to page through it."""

from typing import Any

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError
from dagster_project.lib.readers.json_answers import load


def json_object(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object, with the checks and words of the readers.

    Raises:
        NotThisFileError: empty, an error or login page, not JSON, or JSON of another kind.
        WrongEncodingError: not UTF-8.
        TruncatedError: the JSON ends too early.
    """
    return load(answer, number=float)


def at(document: Any, answer: Answer, *keys: str) -> Any:
    """The value at a path of keys in ``document``.

    Raises:
        NotThisFileError: a key on the way is missing (rule ``unexpected_shape``, the message names it).
    """
    value = document
    for position, key in enumerate(keys):
        if not isinstance(value, dict) or key not in value:
            missing = ".".join(keys[: position + 1])
            raise _not_this(answer, "unexpected_shape", f"the answer has no {missing!r}")
        value = value[key]
    return value


def list_at(document: Any, answer: Answer, *keys: str) -> list[Any]:
    """Like :func:`at`, for a list.

    Raises:
        NotThisFileError: missing, or not a list.
    """
    value = at(document, answer, *keys)
    if not isinstance(value, list):
        raise _not_this(answer, "unexpected_shape", f"{'.'.join(keys)!r} is not a list")
    return value


def _not_this(answer: Answer, rule: str, message: str) -> NotThisFileError:
    return NotThisFileError(
        source=answer.address,
        rule=rule,
        message=message,
        remedy="Open the address in a browser: the source may be under maintenance or have a new version.",
    )
