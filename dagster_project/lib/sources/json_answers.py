"""Reading just enough of a JSON answer to page through it."""

import json
from typing import Any

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError


def json_object(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object.

    Raises:
        NotThisFileError: not JSON (an error or login page, or cut off), or JSON of another kind.
    """
    try:
        document = json.loads(answer.body)
    except ValueError as error:
        # UnicodeDecodeError and JSONDecodeError are both ValueErrors; neither message may be shown, since
        # it can quote the answer.
        raise _not_this(answer, "not_json", "the answer is not whole JSON") from error
    if not isinstance(document, dict):
        raise _not_this(answer, "unexpected_shape", "the answer is JSON but not an object")
    return document


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
