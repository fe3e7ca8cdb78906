"""Help for whoever sends files: templates, and a look at a file before it is delivered."""

import secrets
from pathlib import Path

from rich.console import Console

from dagster_project.commands.words import say
from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.examination import Examination, examine
from dagster_project.lib.deliveries.inbox import describe
from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.errors import DeliveryProblem, SettingsError
from dagster_project.lib.pseudonyms import Pseudonymiser

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
