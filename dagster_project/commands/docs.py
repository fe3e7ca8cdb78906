"""Documents that are made and not written."""

from pathlib import Path

from rich.console import Console

from dagster_project.commands.words import say
from dagster_project.lib.indicators import catalogue, pages


def write_indicator_pages(folder: Path) -> None:
    """Write a page per indicator of the catalogue, and their index, into ``folder``."""
    written = pages.write(catalogue.read(), folder)
    say(Console(), f"{written} sidor ligger i {folder}.")
