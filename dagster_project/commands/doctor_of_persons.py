"""What `equity doctor` says about pseudonyms: the keys behind them, and what should have been pruned."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path

from dagster_project.commands import processes
from dagster_project.commands.finding import Finding
from dagster_project.lib import key_rotation, person_keys
from dagster_project.lib.errors import SettingsError
from dagster_project.lib.extract_store import Extract, ExtractStore
from dagster_project.lib.key_rotation import PERSONAL_SOURCES
from dagster_project.lib.personal_retention import overdue, read_rules
from dagster_project.lib.warehouse import open_warehouse
from dagster_project.settings import PROJECT_ROOT, Settings

RULES = PROJECT_ROOT / "seeds" / "thresholds" / "thr_retention.csv"
_BACKUP = "Put it back from your backup before the next run; without it the runs stop, and nothing is read."


def findings(settings: Settings, *, now: dt.datetime | None = None) -> Iterator[Finding]:
    """Keys there, readable by their owner alone, those of what is stored; nothing kept past its time."""
    store = ExtractStore(settings.raw_dir)
    personal = _stored_of_persons(store)
    known = _known(settings)
    yield from _keys(settings, known, is_stored=bool(personal or known))
    if (settings.keys_dir / key_rotation.JOURNAL).exists():
        yield Finding(
            "warn", "A rotation of the keys was cut off.", "`equity keys rotate` or the next run finishes it."
        )
    if personal:
        yield _retention(store, now or dt.datetime.now(dt.UTC))


def _keys(settings: Settings, known: Sequence[str] | None, *, is_stored: bool) -> Iterator[Finding]:
    setting, file = settings.person_keys.get_secret_value(), settings.keys_dir / person_keys.KEY_FILE
    if not setting:
        if not file.exists():
            yield _no_file(file, is_stored=is_stored)
            return
        yield permissions(file)
    try:
        # Reading a file that others can read is refused; that has just been said.
        keys = person_keys.in_force(setting, settings.keys_dir)
    except SettingsError as unusable:
        if setting or not file.stat().st_mode & 0o077:
            yield Finding("fail", str(unusable))
        return
    where = "the setting EQUITY_PERSON_KEYS" if keys.is_from_environment else str(file)
    if known is None:
        yield Finding("warn", f"{len(keys.chain)} keys in {where}.", "Ask again when the run has ended.")
    elif known and known != person_keys.fingerprints(keys.chain):
        yield Finding("fail", person_keys.mismatch(known, person_keys.fingerprints(keys.chain)))
    else:
        stored = "those of the stored pseudonyms" if known else "no pseudonyms are stored yet"
        yield Finding("ok", f"{len(keys.chain)} keys in {where}; {stored}. Is there a backup of them?")


def _no_file(file: Path, *, is_stored: bool) -> Finding:
    if is_stored:
        return Finding("fail", f"Pseudonyms are stored, but their key file {file} is gone.", _BACKUP)
    return Finding("ok", "There are no keys yet; the first run with data of your own makes one.")


def permissions(file: Path) -> Finding:
    """Whether nobody but its owner can read the key file."""
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        return Finding(
            "fail",
            f"{file} can be read by others than its owner (mode {mode:04o}).",
            f"Run `chmod 600 {file}`, and `equity keys rotate` if anybody may have read it.",
        )
    return Finding("ok", f"{file} can be read by its owner alone.")


def _known(settings: Settings) -> list[str] | None:
    """Fingerprints of the keys of what is stored; none while another process holds the build file."""
    path = settings.warehouse_path
    if not path.exists():
        return []
    if processes.holders(path):
        return None
    with open_warehouse(
        path, memory_limit=settings.memory_limit, threads=settings.threads, read_only=True
    ) as connection:
        has_table = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'raw' and table_name = 'person_keys'"
        ).fetchone()
        return person_keys.stored(connection) if has_table else []


def _stored_of_persons(store: ExtractStore) -> list[Extract]:
    return [
        extract
        for extract in store.manifest()
        if extract.source in PERSONAL_SOURCES and (store.root / extract.path).is_file()
    ]


def _retention(store: ExtractStore, now: dt.datetime) -> Finding:
    late = overdue(store, read_rules(RULES), now)
    if late:
        return Finding(
            "warn",
            f"{len(late)} stored extracts of persons are older than thr_retention allows.",
            "`equity run` prunes them; see that it runs daily.",
        )
    return Finding("ok", "No stored extract of persons is older than thr_retention allows.")
