"""The keys in force, and under which keys the stored pseudonyms were made (``raw.person_keys``).

Pseudonyms made under other keys cannot be joined with those that are stored: a person would become another.
So keys that do not fit what is stored stop a run before it stores anything.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.key_chain import KeyFile, parse

KEY_FILE: Final = "person.key"
_MAKE_ONE: Final = "python3 -c 'import secrets; print(secrets.token_hex(32))'"


@dataclass(frozen=True)
class Keys:
    """A chain of keys.

    Attributes:
        chain: the oldest first.
        is_from_environment: they come from EQUITY_PERSON_KEYS, and not from the key file.
    """

    chain: tuple[bytes, ...]
    is_from_environment: bool

    def __repr__(self) -> str:
        return f"Keys({', '.join(fingerprints(self.chain))})"


def in_force(setting: str, keys_dir: Path) -> Keys:
    """The chain in the setting if there is one, else in the key file, which is made if it is missing.

    Raises:
        SettingsError: what is there are no keys, or others than the owner can read the file.
    """
    chain = parse(setting)
    if chain:
        return Keys(tuple(chain), is_from_environment=True)
    return Keys(tuple(KeyFile(keys_dir / KEY_FILE).read()), is_from_environment=False)


def fingerprints(chain: Sequence[bytes]) -> list[str]:
    """A short name per key, by which it can be told from others and never guessed."""
    return [hashlib.sha256(b"person key:" + key).hexdigest()[:12] for key in chain]


def stored(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Fingerprints of the keys that stored pseudonyms were made under; empty when none are stored."""
    rows = connection.execute("select fingerprint from raw.person_keys order by position").fetchall()
    return [fingerprint for (fingerprint,) in rows]


def write_stored(connection: duckdb.DuckDBPyConnection, chain: Sequence[bytes]) -> None:
    """Write down that pseudonyms are stored under ``chain``; inside the caller's transaction, if any."""
    connection.execute("delete from raw.person_keys")
    connection.executemany(
        "insert into raw.person_keys values (?, ?)", list(enumerate(fingerprints(chain), start=1))
    )


def demand_stored(connection: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Check that ``keys`` are those of the stored pseudonyms; the first time, write them down.

    Raises:
        SettingsError: they are others; says what to do.
    """
    known, given = stored(connection), fingerprints(keys.chain)
    if not known:
        write_stored(connection, keys.chain)
    elif known != given:
        raise SettingsError(mismatch(known, given))


def mismatch(known: Sequence[str], given: Sequence[str]) -> str:
    """Why keys do not fit what is stored, and what to do; names keys by their fingerprints."""
    if list(given[: len(known)]) == list(known):
        return (
            f"EQUITY_PERSON_KEYS has {len(given) - len(known)} keys more than the stored pseudonyms were "
            "made under. Run `equity keys rotate`, which brings what is stored up to the new keys."
        )
    return (
        f"The keys in force ({', '.join(given)}) are not those that the stored pseudonyms were made under "
        f"({', '.join(known)}). Nothing was read: every person would have become another. Put the old keys "
        "back, in EQUITY_PERSON_KEYS or in the key file. Only if they are lost for good: remove the data "
        "folder's raw/ and warehouse.duckdb, and deliver everything again."
    )


def how_to_rotate_in_environment() -> str:
    """What an operator does who keeps the keys in the environment."""
    return (
        "The keys come from EQUITY_PERSON_KEYS, which this command cannot change. Make a key with "
        f"`{_MAKE_ONE}`, append it to EQUITY_PERSON_KEYS after a comma (leave the earlier keys where they "
        "are), and run `equity keys rotate` again: it brings what is stored up to the new key."
    )
