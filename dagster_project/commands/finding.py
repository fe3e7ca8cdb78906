"""What `equity doctor` says about one thing it has looked at."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Finding:
    """One thing looked at; ``remedy`` is empty when it is well."""

    grade: Literal["ok", "warn", "fail"]
    sentence: str
    remedy: str = ""
