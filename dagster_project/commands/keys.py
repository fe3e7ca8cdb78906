"""`equity keys`: show and rotate the keys behind the pseudonyms."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape

from dagster_project.commands.installation import settings_in_force
from dagster_project.commands.run_lock import no_run
from dagster_project.commands.words import say
from dagster_project.lib import key_rotation, person_keys, raw_tables
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.key_rotation import Place
from dagster_project.lib.person_keys import Keys
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import Settings


@contextmanager
def _place(settings: Settings) -> Iterator[Place]:
    with open_warehouse(
        settings.warehouse_path, memory_limit=settings.memory_limit, threads=settings.threads
    ) as connection:
        raw_tables.create_tables(connection)
        yield Place(settings.keys_dir, ExtractStore(settings.raw_dir), connection)


def show() -> None:
    """Where the keys are, their fingerprints, and whether they are those of what is stored.

    Raises:
        SettingsError: there are no usable keys.
        WarehouseBusyError: a run has the warehouse open.
    """
    console, settings = Console(), settings_in_force()
    setting = settings.person_keys.get_secret_value()
    file = settings.keys_dir / person_keys.KEY_FILE
    if not setting and not file.exists():
        say(console, "There are no keys yet. The first run with data of your own makes one.")
        return
    keys = person_keys.in_force(setting, settings.keys_dir)
    where = "the setting EQUITY_PERSON_KEYS" if keys.is_from_environment else str(file)
    say(console, f"Keys in {escape(where)}, the oldest first; each is shown by its fingerprint:")
    for number, name in enumerate(person_keys.fingerprints(keys.chain), start=1):
        say(console, f"  {number}. {name}")
    for entry in key_rotation.log(settings.keys_dir):
        say(console, f"Rotated {entry['at']} to {entry['keys']} keys.")
    with _place(settings) as place:
        _say_state(console, place, keys)


def _say_state(console: Console, place: Place, keys: Keys) -> None:
    known, given = person_keys.stored(place.connection), person_keys.fingerprints(keys.chain)
    if place.journal.exists():
        say(console, "A rotation was cut off. `equity keys rotate` or the next run finishes it.")
    elif not known:
        say(console, "No pseudonyms are stored yet.")
    elif known == given:
        say(console, "The stored pseudonyms were made under these keys.")
    else:
        say(console, escape(person_keys.mismatch(known, given)))


def rotate() -> None:
    """Add a key to the chain and bring every stored pseudonym up to it.

    Raises:
        WarehouseBusyError: a run is at work.
        RotationRefusedError: the keys come from the environment, and no new one was appended there.
        SettingsError: the keys in force are not those of the stored pseudonyms.
        StorageFailedError: the disk did not take the new files and everything is as it was, or has no room to
            rewrite the build file, which the next run tries again.
    """
    console, settings = Console(), settings_in_force()
    with no_run(settings):
        with _place(settings) as place:
            found = person_keys.in_force(settings.person_keys.get_secret_value(), settings.keys_dir)
            was_cut_off = place.journal.exists()
            keys = key_rotation.recover(place, found)
            if not was_cut_off:
                keys = key_rotation.rotate(place, keys)
        # Opened again, the build file is rewritten: the old pseudonyms leave its free blocks too.
        with _place(settings):
            pass
    if was_cut_off:
        say(console, "A rotation that had been cut off is finished; nothing more was rotated.")
    else:
        say(console, "Everybody has a new pseudonym. The next `equity run` builds everything anew.")
    say(
        console,
        f"There are {len(keys.chain)} keys now. Back them up: without them one year cannot be joined "
        "with the next. Remove backups of the data folder that hold old pseudonyms.",
    )
