"""After a whole run with the demo municipality nothing under data/ leads to one of its made-up persons."""

import gzip
import subprocess
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

import demo
from dagster_project.lib.release.sql import identifier


@dataclass(frozen=True)
class Patterns:
    """Files with one string a line.

    Attributes:
        texts: names, addresses, e-mails, telephone numbers, source ids, numbers written with a separator.
        numbers: identity numbers written as nothing but digits.
    """

    texts: Path
    numbers: Path


@pytest.fixture(scope="module")
def patterns(tmp_path_factory: pytest.TempPathFactory) -> Patterns:
    """Everything that must never be found."""
    strings = sorted(set(demo.identities(demo.generate())))
    assert len(strings) > 20_000
    folder = tmp_path_factory.mktemp("identities")
    found = Patterns(folder / "texts", folder / "numbers")
    for path, is_number in ((found.texts, False), (found.numbers, True)):
        chosen = [string for string in strings if string.isdigit() is is_number]
        path.write_text("\n".join(chosen) + "\n", encoding="utf-8")
    return found


def content_of(path: Path) -> str:
    """What a file of a format holds whose bytes do not show it: databases, Parquet and gzip."""
    if path.suffix == ".duckdb":
        with duckdb.connect(path, read_only=True) as connection:
            tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
            assert tables, f"{path} has no tables"
            return "\n".join(
                _texts_of(connection, f"{identifier(schema)}.{identifier(table)}") for schema, table in tables
            )
    if path.suffix == ".parquet":
        with duckdb.connect() as connection:
            connection.read_parquet(str(path)).create_view("content")
            return _texts_of(connection, "content")
    if path.read_bytes()[:2] == b"\x1f\x8b":
        return gzip.decompress(path.read_bytes()).decode("utf-8", "replace")
    return ""


def _texts_of(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Every value of every text column."""
    columns = [
        name
        for name, kind, *_ in connection.execute(f"describe {table}").fetchall()
        if "VARCHAR" in kind or "JSON" in kind
    ]
    values = [
        str(value)
        for column in columns
        for (value,) in connection.execute(
            f'select cast("{column}" as varchar) from {table} group by 1'
        ).fetchall()
    ]
    return "\n".join(values)


def found_in(data_dir: Path, patterns: Patterns, scratch: Path) -> set[str]:
    """Names of the files below ``data_dir`` in which a pattern stands, as bytes or in what they hold."""
    scratch.mkdir()
    files = [path for path in sorted(data_dir.rglob("*")) if path.is_file() and not path.is_symlink()]
    for number, path in enumerate(files):
        (scratch / str(number)).write_text(content_of(path), encoding="utf-8")
    in_bytes = {
        *_files_with(patterns.texts, data_dir),
        # A database writes the digits of one cell after those of another: ten of them say nothing. A
        # pseudonym has digits between letters: a number is a word of its own.
        *_files_with(
            patterns.numbers, data_dir, "--word-regexp", "--exclude=*.duckdb", "--exclude=*.parquet"
        ),
    }
    in_content = {
        *_files_with(patterns.texts, scratch),
        *_files_with(patterns.numbers, scratch, "--word-regexp"),
    }
    return {str(path.relative_to(data_dir)) for path in in_bytes} | {
        str(files[int(path.name)].relative_to(data_dir)) for path in in_content
    }


def _files_with(patterns: Path, folder: Path, *options: str) -> list[Path]:
    result = subprocess.run(
        ["grep", "--recursive", "--files-with-matches", "--text", "-F", *options, "-f", patterns, folder],
        capture_output=True,
        text=True,
        check=False,
        env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"},
    )
    assert result.returncode in {0, 1}, result.stderr
    return [Path(line) for line in result.stdout.splitlines()]


def test_no_civic_number_name_address_or_source_id_is_anywhere(release, patterns, tmp_path):
    assert list((release.data_dir / "raw" / "ss12000").rglob("*")), "the run loaded no own data"
    assert found_in(release.data_dir, patterns, tmp_path / "text") == set()


@pytest.mark.parametrize("what", ["texts", "numbers"])
@pytest.mark.parametrize("name", ["run.log", "extract.bytes", "warehouse.duckdb", "figures.parquet"])
def test_the_search_finds_a_single_person_in_any_format(patterns, tmp_path, name, what):
    planted = getattr(patterns, what).read_text(encoding="utf-8").splitlines()[100]
    path = tmp_path / "data" / name
    path.parent.mkdir()
    match path.suffix:
        case ".log":
            path.write_text(f"rejected: {planted}", encoding="utf-8")
        case ".bytes":
            path.write_bytes(gzip.compress(f'{{"a": "{planted}"}}'.encode()))
        case ".duckdb":
            with duckdb.connect(path) as connection:
                connection.execute("create table t as select $1 as x from range(5000)", [planted])
        case ".parquet":
            with duckdb.connect() as connection:
                connection.sql("select $1 as x from range(5000)", params=[planted]).write_parquet(str(path))
    assert found_in(path.parent, patterns, tmp_path / "text") == {name}
