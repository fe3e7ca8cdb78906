"""The keys behind the pseudonyms: from the environment, or in a file that only the operator can read."""

import os
import re
import secrets
from pathlib import Path

from dagster_project.lib.errors import SettingsError
from dagster_project.lib.release import durable

KEY_BYTES = 32
_HEX = re.compile(r"[0-9a-fA-F]{64,}")


def parse(text: str) -> list[bytes]:
    """Keys out of ``EQUITY_PERSON_KEYS``: hexadecimal, comma separated, the latest last.

    Raises:
        SettingsError: a key is shorter than 32 bytes or not hexadecimal; the key itself is not repeated.
    """
    parts = [part.strip() for part in text.split(",") if part.strip()]
    for number, part in enumerate(parts, start=1):
        if not _HEX.fullmatch(part) or len(part) % 2:
            raise SettingsError(
                f"EQUITY_PERSON_KEYS: key number {number} of {len(parts)} is not at least {KEY_BYTES} bytes "
                "in hexadecimal. Make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
            )
    return [bytes.fromhex(part) for part in parts]


class KeyFile:
    """The key chain on disk, one key a line, the latest last; made when it is first asked for."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[bytes]:
        """The keys, the latest last.

        Raises:
            SettingsError: the file can be read by others, or does not hold keys.
        """
        if not self.path.exists():
            self.write([secrets.token_bytes(KEY_BYTES)])
        if self.path.stat().st_mode & 0o077:
            raise SettingsError(
                f"{self.path} can be read by others than its owner. The keys in it lead from pseudonyms to "
                f"persons: run `chmod 600 {self.path}`, and `equity keys rotate` if anybody has read it."
            )
        lines = self.path.read_text(encoding="ascii", errors="replace").split()
        if not lines or not all(_HEX.fullmatch(line) for line in lines):
            raise SettingsError(
                f"{self.path} does not hold keys. Put the file back from your backup: with other keys every "
                "person gets another pseudonym, and years can no longer be joined."
            )
        return [bytes.fromhex(line) for line in lines]

    def write(self, keys: list[bytes]) -> None:
        """Replace the file by one rename; readable by its owner alone from the first byte on."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self.path.with_name(self.path.name + ".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with durable.storage_failures("Writing the keys"), os.fdopen(descriptor, "w") as file:
            file.writelines(f"{key.hex()}\n" for key in keys)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self.path)
        durable.sync(self.path.parent)
