"""A search of every file of a data directory for strings that must not be in it, in whatever a file holds.

The bytes of all files are searched at once by ``grep``, which looks for all strings in one pass. What the
bytes of a file do not show is written out as text and searched the same way: columns of DuckDB and Parquet,
tables of SQLite, members of archives, anything compressed.
"""

import gzip
import json
import sqlite3
import subprocess
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import duckdb

_SMALLEST_NUMBER = 10**9


@dataclass(frozen=True)
class Patterns:
    """What to look for, as files with one string a line.

    Attributes:
        texts: looked for anywhere, in every spelling that programs store text in.
        numbers: nothing but digits; looked for as words, for ten digits in a row stand in any pseudonym.
    """

    texts: Path
    numbers: Path

    @classmethod
    def write(cls, strings: Iterable[str], folder: Path) -> "Patterns":
        """Write the files of ``strings`` into an existing folder."""
        wanted = set(strings)
        written = cls(folder / "texts", folder / "numbers")
        spelled = {spelling for text in wanted if not text.isdigit() for spelling in spellings(text)}
        written.texts.write_bytes(b"\n".join(sorted(spelled)) + b"\n")
        written.numbers.write_text("\n".join(sorted(text for text in wanted if text.isdigit())) + "\n")
        return written


def spellings(text: str) -> set[bytes]:
    """A text as UTF-8, as Windows-1252, and as JSON and addresses write what is not ASCII."""
    escaped = json.dumps(text)[1:-1]
    return {text.encode(), text.encode("cp1252"), escaped.encode(), quote(text, safe="@ -+").encode()}


def files_with(patterns: Patterns, data_dir: Path, scratch: Path) -> set[str]:
    """Paths, below ``data_dir``, of the files in which a pattern stands.

    ``scratch`` is a folder that does not exist yet, for what files hold.
    """
    scratch.mkdir()
    files = [path for path in sorted(data_dir.rglob("*")) if path.is_file() and not path.is_symlink()]
    for number, path in enumerate(files):
        content = content_of(path)
        if content:
            (scratch / str(number)).write_bytes(content)
    in_bytes = {
        *_grep(patterns.texts, data_dir),
        # A database writes the digits of one cell after those of another: ten of them say nothing.
        *_grep(patterns.numbers, data_dir, "--word-regexp", "--exclude=*.duckdb", "--exclude=*.parquet"),
    }
    in_content = {*_grep(patterns.texts, scratch), *_grep(patterns.numbers, scratch, "--word-regexp")}
    found = in_bytes | {files[int(path.name)] for path in in_content}
    return {path.relative_to(data_dir).as_posix() for path in found}


def content_of(path: Path) -> bytes:
    """What the bytes of a file do not show; nothing for a file that shows everything."""
    with path.open("rb") as file:
        head = file.read(16)
    formats: tuple[tuple[bool, Callable[[Path], bytes]], ...] = (
        (path.suffix == ".duckdb", _of_duckdb),
        (head.startswith(b"PAR1"), _of_parquet),
        (head.startswith(b"SQLite format 3"), _of_sqlite),
        (head.startswith(b"\x1f\x8b"), _of_gzip),
        (head.startswith(b"PK\x03\x04"), _of_zip),
    )
    return next((read(path) for is_this, read in formats if is_this), b"")


def _of_gzip(path: Path) -> bytes:
    with gzip.open(path) as file:
        return file.read()


def _of_zip(path: Path) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(name) for name in archive.namelist())


def _of_sqlite(path: Path) -> bytes:
    """Rows longer than a page are cut in the file."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        tables = [
            name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")
        ]
        return b"\n".join(
            str(value).encode("utf-8", "replace")
            for table in tables
            for row in connection.execute(f"select * from {_quoted(table)}")
            for value in row
        )


def _of_duckdb(path: Path) -> bytes:
    with duckdb.connect(path, read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
        assert tables, f"{path} has no tables"
        return b"\n".join(
            line
            for schema, table in tables
            for line in _values(connection, f"{_quoted(schema)}.{_quoted(table)}")
        )


def _of_parquet(path: Path) -> bytes:
    with duckdb.connect() as connection:
        connection.read_parquet(str(path)).create_view("content")
        return b"\n".join(_values(connection, "content"))


def _values(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[bytes]:
    """Every distinct value that may hold text or a number of ten digits, one column after the other."""
    for name, kind, *_ in connection.execute(f"describe {table}").fetchall():
        column = _quoted(name)
        if any(word in kind for word in ("VARCHAR", "JSON", "ENUM", "BLOB")):
            which = f"{column} is not null"
        elif any(word in kind for word in ("INT", "DECIMAL", "DOUBLE", "FLOAT")) and "[" not in kind:
            which = f"{column} >= {_SMALLEST_NUMBER}"
        else:
            continue
        (values,) = connection.execute(
            f"select string_agg(distinct cast({column} as varchar), chr(10)) from {table} where {which}"
        ).fetchone() or (None,)
        if values:
            yield values.encode()


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _grep(patterns: Path, folder: Path, *options: str) -> list[Path]:
    result = subprocess.run(
        ["grep", "--recursive", "--files-with-matches", "--text", "-F", *options, "-f", patterns, folder],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert result.returncode in {0, 1}, result.stderr
    return [Path(line) for line in result.stdout.splitlines()]
