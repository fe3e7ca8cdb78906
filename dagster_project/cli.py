"""The `equity` command. Each command imports what it needs when it is called: `--help` is immediate."""

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    help="Education-equity warehouse for Swedish municipalities.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
releases_app = typer.Typer(help="Releases: list, show, compare, approve, roll back.", no_args_is_help=True)
app.add_typer(releases_app, name="releases")
deliver_app = typer.Typer(
    help="Own files: templates, a check before delivery, taking one back.", no_args_is_help=True
)
app.add_typer(deliver_app, name="deliver")
keys_app = typer.Typer(help="The keys behind the pseudonyms: show, rotate.", no_args_is_help=True)
app.add_typer(keys_app, name="keys")
docs_app = typer.Typer(help="Documents made from what the project is made of.", no_args_is_help=True)
app.add_typer(docs_app, name="docs")

ReleaseId = Annotated[str, typer.Argument(help="Release id, such as R000007.")]
Internal = Annotated[
    bool, typer.Option("--internal", help="Releases for the administration, not those for everybody.")
]


@app.command()
def run(
    municipality: Annotated[
        str | None, typer.Option(help="Four-digit code of the municipality in the summary and the pictures.")
    ] = None,
    even_if_unchanged: Annotated[
        bool, typer.Option("--even-if-unchanged", help="Build although nothing has changed.")
    ] = False,
    refresh: Annotated[
        bool, typer.Option("--refresh", help="Ask the agencies again for what was asked for lately.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show what Dagster and dbt say.")] = False,
) -> None:
    """Fetch, build, check and publish; ends with a summary.

    Exit code 0: published, or nothing new. 1: refused or failed; the current release then stands.
    """
    from dagster_project.commands import installation  # noqa: PLC0415

    settings = installation.settings_in_force(municipality)
    from dagster_project.commands.run import run as execute  # noqa: PLC0415

    raise typer.Exit(
        execute(settings=settings, refresh=refresh, even_if_unchanged=even_if_unchanged, verbose=verbose)
    )


@app.command()
def ui(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 3000,
    host: Annotated[
        str, typer.Option(help="Address to listen on; 0.0.0.0 opens it to the network.")
    ] = "127.0.0.1",
) -> None:
    """Dagster's web interface on the same runs as `equity run`; ends with Ctrl-C."""
    from dagster_project.commands.ui import start  # noqa: PLC0415

    start(host=host, port=port)


@app.command()
def status() -> None:
    """The current release, what it lacks, how the last run ended, and deliveries with problems."""
    from dagster_project.commands.status import print_status  # noqa: PLC0415

    print_status()


@app.command()
def doctor() -> None:
    """Check the installation; every finding comes with a remedy. Exit code 1 if something must be mended."""
    from dagster_project.commands.doctor import examine  # noqa: PLC0415

    raise typer.Exit(examine())


@app.command()
def parse() -> None:
    """Parse dbt's project where it has changed; every other command does it too when it has to."""
    from dagster_project.commands.parse import parse_project  # noqa: PLC0415

    parse_project()


@releases_app.command("list")
def releases_list(internal: Internal = False) -> None:
    """Every release and every refused candidate."""
    from dagster_project.commands.releases import print_list  # noqa: PLC0415

    print_list(internal=internal)


@releases_app.command("show")
def releases_show(release_id: ReleaseId, internal: Internal = False) -> None:
    """One release in words: what it is made of, what it lacks, what changed."""
    from dagster_project.commands.releases import print_release  # noqa: PLC0415

    print_release(release_id, internal=internal)


@releases_app.command("diff")
def releases_diff(old: ReleaseId, new: ReleaseId, internal: Internal = False) -> None:
    """What the second release says differently from the first."""
    from dagster_project.commands.releases import print_difference  # noqa: PLC0415

    print_difference(old, new, internal=internal)


@releases_app.command("approve")
def releases_approve(
    release_id: ReleaseId,
    reason: Annotated[str, typer.Option(help="Why the revisions are right; stands in the log.")],
    internal: Internal = False,
) -> None:
    """Say that the changed figures of a held release are right, and publish it.

    Exit code 0: published. 1: refused for another reason; the current release then stands.
    """
    from dagster_project.commands.approve import approve_release  # noqa: PLC0415
    from dagster_project.commands.installation import settings_in_force  # noqa: PLC0415

    raise typer.Exit(approve_release(release_id, reason, settings_in_force(), internal=internal))


@releases_app.command("rollback")
def releases_rollback(
    release_id: ReleaseId,
    reason: Annotated[str, typer.Option(help="Why; stands in the log.")],
    internal: Internal = False,
) -> None:
    """Let readers see another release, older or newer, after checking it in full."""
    from dagster_project.commands.releases import roll_back  # noqa: PLC0415

    roll_back(release_id, reason, internal=internal)


@deliver_app.command("templates")
def deliver_templates(folder: Annotated[Path, typer.Argument(help="Folder to write them into.")]) -> None:
    """Write a template per kind of delivery, as Excel workbook and as CSV."""
    from dagster_project.commands.deliver import write_templates  # noqa: PLC0415

    write_templates(folder)


@deliver_app.command("check")
def deliver_check(
    file: Annotated[Path, typer.Argument(help="File to look at; nothing of it is kept.")],
    kind: Annotated[
        str | None, typer.Option(help="What it is; guessed from the header row when not given.")
    ] = None,
) -> None:
    """Print the report a delivery would get. Exit code 1 if anything would be refused or set aside."""
    from dagster_project.commands.deliver import check  # noqa: PLC0415

    raise typer.Exit(check(file, kind))


@deliver_app.command("withdraw")
def deliver_withdraw(
    file: Annotated[str, typer.Argument(help="Name of the file below the folder of deliveries.")],
    reason: Annotated[str, typer.Option(help="Why; stands in the log, so name nobody.")],
    by: Annotated[
        str | None, typer.Option(help="Who does it; the user of this process if not given.")
    ] = None,
    undo: Annotated[
        bool, typer.Option("--undo", help="Let a file withdrawn by mistake be read again.")
    ] = False,
) -> None:
    """Take back a file sent by mistake: its rows leave, and it is not read again."""
    from dagster_project.commands.deliver import withdraw  # noqa: PLC0415

    withdraw(file, reason=reason, by=by, undo=undo)


@keys_app.command("show")
def keys_show() -> None:
    """Where the keys are, how many, and whether they fit what is stored; never a key itself."""
    from dagster_project.commands.keys import show  # noqa: PLC0415

    show()


@keys_app.command("rotate")
def keys_rotate() -> None:
    """Add a key and give everybody a new pseudonym, in everything that is stored."""
    from dagster_project.commands.keys import rotate  # noqa: PLC0415

    rotate()


@docs_app.command("indicators")
def docs_indicators(folder: Annotated[Path, typer.Argument(help="Folder to write them into.")]) -> None:
    """Write a page per indicator, in Swedish, from the catalogue."""
    from dagster_project.commands.docs import write_indicator_pages  # noqa: PLC0415

    write_indicator_pages(folder)


def main() -> None:
    """Run the command; an error of ours is one plain message, any other keeps its traceback."""
    from dagster_project.lib.errors import EquityError  # noqa: PLC0415

    try:
        app()
    except EquityError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        sys.exit(1)
