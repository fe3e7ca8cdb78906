"""How the commands write."""

from datetime import datetime

from rich.console import Console


def say(console: Console, sentence: str) -> None:
    """Print one line; the terminal wraps it, so that a sentence in a log file stays on one line."""
    console.print(sentence, highlight=False, soft_wrap=True)


def local_time(moment: datetime) -> str:
    """Date and minute in the time zone of this machine: ``'2026-11-22 05:16'``."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"
