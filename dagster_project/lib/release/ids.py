"""Release ids: ``R000001``, ``R000002`` … counted, never taken from a clock that may jump back."""

import re

from dagster_project.lib.errors import ReleaseNotFoundError

_RELEASE_ID = re.compile(r"R([0-9]{6,})")


def release_id(number: int) -> str:
    """The id with this running number: ``7`` -> ``'R000007'``."""
    return f"R{number:06d}"


def is_release_id(text: str) -> bool:
    """Whether ``text`` is written like a release id."""
    return _RELEASE_ID.fullmatch(text) is not None


def number(text: str) -> int:
    """Running number of a release id: ``'R000007'`` -> ``7``.

    Raises:
        ReleaseNotFoundError: not written like a release id.
    """
    match = _RELEASE_ID.fullmatch(text)
    if match is None:
        raise ReleaseNotFoundError("A release id is written like R000007. List the releases to see theirs.")
    return int(match[1])
