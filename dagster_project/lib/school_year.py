"""Swedish school years (läsår): written ``2024/25``, running from 1 July to 30 June."""

import datetime as dt
import re

_PATTERN = re.compile(r"(\d{4})/(\d{2})", re.ASCII)


def from_autumn(year: int) -> str:
    """School year that starts in the autumn of ``year``: ``2024`` -> ``'2024/25'``."""
    return f"{year}/{(year + 1) % 100:02d}"


def from_spring(year: int) -> str:
    """School year that ends in the spring of ``year``: ``2025`` -> ``'2024/25'``."""
    return from_autumn(year - 1)


def autumn(school_year: str) -> int:
    """Calendar year in which ``school_year`` starts: ``'2024/25'`` -> ``2024``.

    Raises:
        ValueError: not of the form ``YYYY/YY`` with consecutive years.
    """
    match = _PATTERN.fullmatch(school_year)
    if match is None or (int(match[1]) + 1) % 100 != int(match[2]):
        raise ValueError(f"{school_year!r} is not a school year such as '2024/25'")
    return int(match[1])


def of_date(day: dt.date) -> str:
    """School year that ``day`` (local date in Sweden) falls in; 1 July starts a new one."""
    return from_autumn(day.year if day.month >= 7 else day.year - 1)
