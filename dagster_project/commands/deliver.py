"""Deliveries by file: templates, a look at a file before it is sent, and taking a file back."""

import getpass
import secrets
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from dagster_project.commands.installation import settings_in_force
from dagster_project.commands.run_lock import no_run
from dagster_project.commands.words import say
from dagster_project.lib import raw_tables
from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries import withdrawal
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.examination import Examination, examine
from dagster_project.lib.deliveries.inbox import describe
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.errors import DeliveryProblem, SettingsError
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.warehouse import open_warehouse

# What a check reads is kept nowhere, so whose municipality it is does not matter.
_ANY_MUNICIPALITY = "0000"


def check(path: Path, kind_name: str | None) -> int:
    """Print the report a delivery would get; exit code 0 when everything in the file can be used, else 1.

    Raises:
        SettingsError: there is no such kind.
    """
    examination = _examined(path, _kind(kind_name))
    say(Console(), examination.report().rstrip())
    return 0 if examination.is_flawless else 1


def write_templates(folder: Path) -> None:
    """Write the templates of all kinds into ``folder``, which is made if need be."""
    from dagster_project.lib.deliveries import templates  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    for name, content in templates.files():
        (folder / name).write_bytes(content)
    say(Console(), f"{len(KINDS)} mallar ligger i {folder}, var och en som .xlsx och .csv.")


def withdraw(file: str, *, reason: str, by: str | None, undo: bool) -> None:
    """Take back what is loaded of a delivered file, or undo that; who and why is written to the log.

    Args:
        file: its name below the folder of deliveries.
        reason: why.
        by: who; the user of this process when none is given.
        undo: let a withdrawn file be read again.

    Raises:
        WithdrawalRefusedError: there is no such file, or the words for the log will not do.
        WarehouseBusyError: a run is at work.
    """
    console, settings = Console(), settings_in_force()
    store = ExtractStore(settings.raw_dir)
    name = by or getpass.getuser()
    with no_run(settings):
        if undo:
            withdrawal.reinstate(store, file=file, reason=reason, by=name)
            say(console, "Återtagandet är hävt. Ligger filen kvar i mappen läses den vid nästa `equity run`.")
            return
        with open_warehouse(
            settings.warehouse_path, memory_limit=settings.memory_limit, threads=settings.threads
        ) as connection:
            raw_tables.create_tables(connection)
            done = withdrawal.withdraw(connection, store, file=file, reason=reason, by=name)
            # What was taken out leaves the file too.
            connection.execute("checkpoint")
    kept = "raderat" if KINDS[done.kind].is_personal else "kvar tills gallringen tar det"
    say(console, escape(f"{done.file} är återtagen: {done.rows_withdrawn} rader är borta ur rådata."))
    say(console, f"Det lagrade utdraget är {kept}. Nästa `equity run` bygger utan filen.")
    say(console, "Ta bort filen ur leveransmappen. Ligger den kvar avvisas den vid varje körning.")


def _kind(name: str | None) -> Kind | None:
    if name is None:
        return None
    if name not in KINDS:
        raise SettingsError(
            f"--kind: det finns ingen leverans av det slaget. Välj bland: {', '.join(KINDS)}."
        )
    return KINDS[name]


def _examined(path: Path, kind: Kind | None) -> Examination:
    try:
        file = describe(path, path.parent)
        body = file.read()
        if file.is_named_after_person:
            raise refused(file.name, "personal_number_in_name")
    except DeliveryProblem as problem:
        return Examination(problem.source, kind, problem)
    # Nothing is kept, so any key will do; a check needs none of the installation's.
    pseudonymiser = Pseudonymiser([secrets.token_bytes(32)])
    return examine(
        Answer(file.name, body),
        kind=kind,
        pseudonym_of=pseudonymiser.of_civic_number,
        municipality_code=_ANY_MUNICIPALITY,
    )
