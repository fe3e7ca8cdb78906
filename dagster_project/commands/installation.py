"""The settings a command works with, and the Dagster home it shares with the UI."""

import os
from pathlib import Path

from dagster_project import settings as settings_module
from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release import durable
from dagster_project.settings import PROJECT_ROOT, Settings

TEMPLATE = PROJECT_ROOT / "dagster.yaml"
_ONLY_WITHOUT_HOME = "\n# Where runs and events lie for `dagster dev`"


def settings_in_force(municipality: str | None = None) -> Settings:
    """Settings of this process, with an absolute data directory (dbt and the UI run in other folders).

    Args:
        municipality: four-digit code that takes the place of the one in the settings.

    Raises:
        SettingsError: a setting has a value that is not allowed.
    """
    if municipality is not None:
        os.environ["EQUITY_MUNICIPALITY"] = municipality
    settings_module.load.cache_clear()
    settings = settings_module.load()
    if not settings.data_dir.is_absolute():
        os.environ["EQUITY_DATA_DIR"] = str(settings.data_dir.resolve())
        settings_module.load.cache_clear()
        settings = settings_module.load()
    return settings


def dagster_home(settings: Settings) -> Path:
    """Folder of Dagster's runs and events: DAGSTER_HOME if it is set, else one in the data folder."""
    return Path(os.environ.get("DAGSTER_HOME") or settings.dagster_home)


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the Dagster home with our ``dagster.yaml`` and point this process to it.

    A ``dagster.yaml`` without our first line is the operator's own and is left alone.

    Raises:
        SettingsError: DAGSTER_HOME is not an absolute path, which Dagster demands.
        StorageFailedError: the disk did not take the file.
    """
    home = dagster_home(settings)
    if not home.is_absolute():
        raise SettingsError("DAGSTER_HOME must be an absolute path. Set it again, or leave it unset.")
    with durable.storage_failures("Preparing the Dagster home"):
        home.mkdir(parents=True, exist_ok=True)
        # In a home of its own Dagster knows where to store what.
        wanted = TEMPLATE.read_text(encoding="utf-8").partition(_ONLY_WITHOUT_HOME)[0]
        target = home / "dagster.yaml"
        if not target.exists() or (is_ours(target) and target.read_text(encoding="utf-8") != wanted):
            durable.write_atomically(target, wanted)
    os.environ["DAGSTER_HOME"] = str(home)
    # For the child processes too, which read no dagster.yaml.
    os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
    os.environ["DO_NOT_TRACK"] = "1"
    return home


def is_ours(dagster_yaml: Path) -> bool:
    """Whether the file begins with the line that marks it as written by this project."""
    marker = TEMPLATE.read_text(encoding="utf-8").splitlines()[0]
    return dagster_yaml.read_text(encoding="utf-8").splitlines()[:1] == [marker]


def municipality_name(code: str) -> str | None:
    """Name of a municipality, from the reference table; none for a code that no municipality has."""
    lines = (PROJECT_ROOT / "seeds" / "reference" / "ref_municipalities.csv").read_text(encoding="utf-8")
    names = dict(line.split(";")[:2] for line in lines.splitlines()[1:])
    return names.get(code)
