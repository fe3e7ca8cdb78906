"""Pseudonyms of persons, and finding identity numbers where none belong.

A pseudonym is the first 32 hex digits of HMAC-SHA256, applied once per key of a chain, oldest key first. The
pseudonym under one key is the message of the next: a new key is added by applying it alone to what is stored,
without knowing whom a pseudonym stands for.
"""

import datetime as dt
import hmac
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

#: Columns that hold pseudonyms, in raw tables and in everything built from them.
PSEUDONYM_COLUMNS: Final = frozenset(
    {"person_key", "person_id_key", "civic_no_key", "student_key", "child_key"}
)
LENGTH: Final = 32
_REMEMBERED: Final = 200_000

_NUMBER: Final = re.compile(r"([0-9]{2})?([0-9]{6})([-+‐‑–—−]?)([0-9]{4})")
_TEMPORARY: Final = re.compile(r"([0-9]{8})-?(TF[0-9]{2})", re.IGNORECASE)
# White space includes the no-break spaces that spreadsheets and Word put into numbers.
_IN_TEXT: Final = re.compile(
    r"(?<![0-9])(?:"
    r"(?P<century>[0-9]{2})?(?P<date>[0-9]{6})(?:\s?[-+‐‑–—−]\s?|\s)?(?P<serial>[0-9]{4})(?![0-9])"
    r"|(?P<born>[0-9]{8})\s?-?\s?TF[0-9]{2}(?![0-9]))",
    re.IGNORECASE,
)


class Pseudonymiser:
    """Makes pseudonyms under one chain of keys."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        """``keys`` from the oldest to the newest.

        Raises:
            ValueError: there is none.
        """
        if not keys:
            raise ValueError("pseudonyms need at least one key")
        self._keys = tuple(keys)
        # A month of attendance names each pupil a dozen times.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._derived)

    def __repr__(self) -> str:
        return f"Pseudonymiser({len(self._keys)} keys)"

    def of_civic_number(self, text: str) -> str | None:
        """Pseudonym of whoever has this personal identity number; none when it is no such number.

        Ten or twelve digits, with or without ``-``, ``+`` or spaces, coordination numbers (60 added to the
        day) and temporary numbers (``20130101TF01``) are understood.
        """
        number = normal_civic_number(text)
        return None if number is None else self._remembered(f"civic:{number}")

    def of_person_id(self, person_id: str) -> str:
        """Pseudonym of the person with this id (a UUID, upper or lower case) in the source system."""
        return self._remembered(f"ss12000:{person_id.lower()}")

    def again(self, pseudonym: str) -> str:
        """The keys of this chain applied to a pseudonym made under the keys before it."""
        return self._derived(pseudonym)

    def _derived(self, message: str) -> str:
        for key in self._keys:
            message = hmac.digest(key, message.encode(), "sha256").hex()[:LENGTH]
        return message


def normal_civic_number(text: str, *, today: dt.date | None = None) -> str | None:
    """Twelve characters, ``YYYYMMDDNNNN`` or ``YYYYMMDDTFNN``; none when the text is no identity number.

    Without a century the latest one that does not lie in the future is meant, and the one before that after
    a ``+``. The day and the check digit must be right.
    """
    stripped = "".join(text.split())
    temporary = _TEMPORARY.fullmatch(stripped)
    if temporary is not None:
        born, serial = temporary.groups()
        return born + serial.upper() if _birth_date(born) is not None else None
    found = _NUMBER.fullmatch(stripped)
    if found is None:
        return None
    century, date, sign, serial = found.groups()
    if century is None:
        century = _century(date, is_over_100=sign == "+", today=today or dt.datetime.now(dt.UTC).date())
    number = century + date + serial
    return number if _is_plausible(number) else None


def contains_personal_number(text: str) -> bool:
    """Whether a personal identity number stands anywhere in ``text``, however it is written."""
    # Most texts hold too few digits; counting them is quicker than searching.
    if sum(map(str.isdigit, text)) < 10:
        return False
    return any(
        _birth_date(found["born"]) is not None
        if found["born"]
        else _is_plausible((found["century"] or "20") + found["date"] + found["serial"])
        for found in _IN_TEXT.finditer(text)
    )


def _century(date: str, *, is_over_100: bool, today: dt.date) -> str:
    year = today.year // 100 * 100 + int(date[:2])
    # A coordination number's day is compared as it is: at worst a child born this month.
    if f"{year}{date[2:]}" > f"{today:%Y%m%d}":
        year -= 100
    if is_over_100:
        year -= 100
    return f"{year // 100:02d}"


def _is_plausible(number: str) -> bool:
    return _birth_date(number[:8]) is not None and _luhn(number[2:])


def _birth_date(eight: str) -> dt.date | None:
    """Date of birth; 60 is taken off the day of a coordination number."""
    year, month, day = int(eight[:4]), int(eight[4:6]), int(eight[6:])
    if not 1840 <= year < 2100:
        return None
    try:
        return dt.date(year, month, day - 60 if day > 60 else day)
    except ValueError:
        return None


def _luhn(ten: str) -> bool:
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(ten))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
