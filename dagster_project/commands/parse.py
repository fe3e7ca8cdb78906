"""`equity parse`: after installing, so that the first look at the assets does not wait for dbt."""

from rich.console import Console

from dagster_project.commands.words import say
from dagster_project.defs.warehouse.dbt_project import manifest, names_of


def parse_project() -> None:
    """Make the manifest anew if a file of the dbt project has changed since it was made.

    Raises:
        DbtParseError: with what dbt said.
    """
    dbt_manifest = manifest()
    say(
        Console(),
        f"dbt's project is parsed: {len(names_of(dbt_manifest, dbt_manifest['nodes']))} models and seeds.",
    )
