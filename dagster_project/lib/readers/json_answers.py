"""JSON answers: the checks every answer passes, and access to keys that names what is missing."""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import HeaderChangedError, NotThisFileError, TruncatedError
from dagster_project.lib.readers.text import decode

_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_CLOSING: Final = {"{": "}", "[": "]"}


def is_json(answer: Answer) -> bool:
    """Whether the answer starts like a JSON object; where one dataset also comes as CSV, this tells which."""
    return answer.body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def load(answer: Answer, *, number: Callable[[str], Any] = str) -> dict[str, Any]:
    """The answer's object. Decimal numbers stay text, as delivered, unless ``number`` makes them another.

    Raises:
        NotThisFileError: empty, a web page, not JSON, or no object.
        WrongEncodingError: not UTF-8.
        TruncatedError: the JSON ends too early.
    """
    text = decode(answer).strip()
    try:
        found = json.loads(text, parse_float=number, parse_constant=_refuse_constant)
        # Half a surrogate pair is legal as a JSON escape but is no text; encoding it tells.
        if _SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        at_end = isinstance(error, json.JSONDecodeError) and error.pos >= len(text)
        if text[0] in _CLOSING and (at_end or not text.endswith(_CLOSING[text[0]])):
            raise TruncatedError(
                source=answer.address,
                rule="truncated",
                message="the JSON ends in the middle",
                remedy="Fetch the answer again.",
            ) from error
        raise _not_json(answer.address) from error
    if not isinstance(found, dict):
        raise _not_json(answer.address)
    return found


def _refuse_constant(_: str) -> None:
    raise ValueError("NaN and Infinity are not JSON")


def _not_json(source: str) -> NotThisFileError:
    return NotThisFileError(
        source=source,
        rule="not_this_file",
        message="the answer is not a JSON object",
        remedy="Open the address by hand and check what the service answers.",
    )


def body(answer: Answer) -> dict[str, Any]:
    """The ``body`` inside Skolverket's wrapper ``{status, message, body}``.

    Raises:
        NotThisFileError: the wrapper's status is not OK; and as `load`.
        HeaderChangedError: no wrapper, or no body in it.
    """
    wrapper = load(answer)
    if require(wrapper, "status", answer.address) != "OK":
        raise NotThisFileError(
            source=answer.address,
            rule="status_not_ok",
            message="the service answered with another status than OK",
            remedy="Fetch the answer again; if it stays, report it to the service.",
        )
    return require_object(wrapper, "body", answer.address)


def require(holder: dict[str, Any], key: str, source: str) -> Any:
    """``holder[key]``.

    Raises:
        HeaderChangedError: the key is missing.
    """
    if key not in holder:
        raise _changed(source, key, "the key is missing")
    return holder[key]


def require_object(holder: dict[str, Any], key: str, source: str) -> dict[str, Any]:
    """``holder[key]``, which must be an object.

    Raises:
        HeaderChangedError: the key is missing or holds something else.
    """
    found = require(holder, key, source)
    if not isinstance(found, dict):
        raise _changed(source, key, "the key does not hold an object")
    return found


def require_list(holder: dict[str, Any], key: str, source: str) -> list[Any]:
    """``holder[key]``, which must be a list.

    Raises:
        HeaderChangedError: the key is missing or holds something else.
    """
    found = require(holder, key, source)
    if not isinstance(found, list):
        raise _changed(source, key, "the key does not hold a list")
    return found


def require_objects(holder: dict[str, Any], key: str, source: str) -> list[dict[str, Any]]:
    """``holder[key]``, which must be a list of objects.

    Raises:
        HeaderChangedError: the key is missing or holds something else.
    """
    found = require_list(holder, key, source)
    if not all(isinstance(item, dict) for item in found):
        raise _changed(source, key, "the list does not hold objects")
    return found


def text_of(value: Any) -> str | None:
    """A JSON value as text: null stays null, true is ``'true'``, lists and objects are compact JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _changed(source: str, key: str, found: str) -> HeaderChangedError:
    return HeaderChangedError(
        source=source,
        rule="header_changed",
        message=found,
        remedy="Compare the answer with the interface's description; the publisher may have changed it.",
        column=key,
    )
