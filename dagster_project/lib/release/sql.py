"""The only two ways in which this package puts a name into SQL text.

DuckDB binds values, not table names and not the path of ATTACH. Names are made of a safe list of characters;
a path is quoted as a string literal.
"""

import re
from pathlib import Path

from dagster_project.lib.errors import SettingsError

_IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")


def identifier(name: str) -> str:
    """``name`` in double quotes, if it is lower-case letters, digits and underscores only.

    Raises:
        SettingsError: any other character, or a leading digit.
    """
    if _IDENTIFIER.fullmatch(name) is None:
        raise SettingsError(
            f"{name!r} cannot be the name of a published schema, table or column: use lower-case letters "
            "a-z, digits and underscores, beginning with a letter. Rename it in the dbt model."
        )
    return f'"{name}"'


def literal(text: str | Path) -> str:
    """``text`` as an SQL string literal: in single quotes, each quote inside doubled.

    Raises:
        SettingsError: a NUL character, which no file name and no comment may hold.
    """
    value = str(text)
    if "\0" in value:
        raise SettingsError("A file name or comment holds a NUL character. Remove it.")
    return "'" + value.replace("'", "''") + "'"
