"""Answers about one school unit each: what is wrong with one that is about another unit."""

import re
from typing import Final
from urllib.parse import urlsplit

NO_UNIT: Final = ("no_unit_code", "The school unit has no code.")
OTHER_UNIT: Final = ("another_unit", "The answer is about another school unit than the one asked for.")

_CODE: Final = re.compile(r"/school-units/([^/]+)")


def unit_problem(address: str, code: str | None) -> tuple[str, str] | None:
    """Rule and reason why ``code`` is not the unit of the address ``…/school-units/<code>…``, or none."""
    if not code:
        return NO_UNIT
    asked_for = _CODE.search(urlsplit(address).path)
    if asked_for is None or asked_for[1] != code:
        return OTHER_UNIT
    return None
