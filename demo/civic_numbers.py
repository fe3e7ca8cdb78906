"""Made-up identity numbers: well formed, with a right check digit, in the range reserved for tests.

The serial numbers 238 (women) and 239 (men) are, as far as we know, kept for tests by Skatteverket and given
to nobody. Two a day and year are enough for a municipality of this size.
"""

import datetime as dt

import numpy as np

from demo import chance

_MEN, _WOMEN = 239, 238


def check_digit(nine: str) -> int:
    """Luhn's check digit for the nine digits YYMMDDNNN."""
    total = 0
    for place, digit in enumerate(nine):
        product = int(digit) * (2 - place % 2)
        total += product - 9 if product > 9 else product
    return -total % 10


def civic_number(birth: dt.date, *, is_man: bool, coordination: bool = False) -> str:
    """Twelve digits. ``coordination`` makes it a samordningsnummer (60 added to the day)."""
    day = birth.day + (60 if coordination else 0)
    serial = _MEN if is_man else _WOMEN
    nine = f"{birth.year % 100:02d}{birth.month:02d}{day:02d}{serial}"
    return f"{birth.year // 100:02d}{nine}{check_digit(nine)}"


def temporary_number(birth: dt.date, serial: int) -> str:
    """A number of the kind a school gives until there is a real one: ``20130101TF01``."""
    return f"{birth:%Y%m%d}TF{serial:02d}"


def spellings(number: str) -> list[str]:
    """Every way a twelve-digit number is commonly written."""
    if not number.isdigit():
        return [number]
    long, short = number, number[2:]
    return [long, f"{long[:8]}-{long[8:]}", short, f"{short[:6]}-{short[6:]}", f"{short[:6]}+{short[6:]}"]


def draw_births(rng: np.random.Generator, year: int, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Birthdays and sexes of ``count`` persons born in ``year``, no two alike.

    Returns:
        days (datetime64[D]) and whether each is a man (bool).
    """
    days = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    drawn = rng.choice(days * 2, size=count, replace=False)
    return np.datetime64(f"{year}-01-01", "D") + drawn // 2, drawn % 2 == 1


def adult_births(seed: int, year: int) -> tuple[np.ndarray, np.ndarray]:
    """Every birthday and sex there is among adults born in ``year``, shuffled; see ``draw_births``."""
    days = (dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days
    return draw_births(chance.stream(seed, "adults", year), year, days * 2)
