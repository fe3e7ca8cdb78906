"""What the vectors hold is compared by a test, or is on the list of what is not, with the reason."""

import csv
import json
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

TESTS = Path(__file__).parents[2]
VECTORS = TESTS / "fixtures" / "vectors"
EXPECTED = sorted({*VECTORS.glob("*_expected.*"), *VECTORS.glob("*.json"), VECTORS / "prop_intervals.csv"})
NOT_COMPARED = yaml.safe_load((VECTORS / "not_compared.yml").read_text(encoding="utf-8"))
# Of vectors without an input file.
KEYS_OF_DATA = {"GAUSS", "HITAS", "OPT", "HYPERCUBE", "SIMPLEHEURISTIC", "not_", "k=0", "k=1"}
PATTERNS = [pattern for entry in NOT_COMPARED for pattern in entry["values"]]


def values(found: Any, *path: str) -> Iterator[tuple[str, ...]]:
    """The keys that lead to every value."""
    if isinstance(found, dict):
        for key, part in found.items():
            yield from values(part, *path, key)
    elif isinstance(found, list):
        for place, part in enumerate(found):
            yield from values(part, *path, str(place))
    else:
        yield path


@cache
def paths(file: Path) -> list[tuple[str, ...]]:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".csv":
        return [(column,) for column in text.splitlines()[0].split(",")]
    return list(values(json.loads(text)))


def is_listed(file: Path, path: tuple[str, ...]) -> bool:
    return any(fnmatchcase("/".join((file.name, *path)), pattern) for pattern in PATTERNS)


@cache
def cells() -> set[str]:
    """Cells of the inputs: a key that is such a cell is data, and perhaps no name of a figure."""
    rows = (row for file in VECTORS.glob("*input.csv") for row in list(csv.reader(file.open()))[1:])
    return {cell for row in rows for cell in row}


def names_of(path: tuple[str, ...]) -> Iterator[str]:
    """The last key that may name a figure, and those above it as long as a key may be data."""
    for key in reversed(path):
        if not (key.isdigit() or "|" in key):
            yield from {key, re.sub(r"_(lo|hi)(95|998)?$", "", key)}
            if key not in cells() | KEYS_OF_DATA:
                return


@cache
def named(file: Path) -> re.Pattern[str]:
    """What the tests of the folders where the file is read say in quotes, whole or up to a brace."""
    folders = {test.parent for test in TESTS.rglob("*.py") if file.stem in test.read_text(encoding="utf-8")}
    text = "".join(test.read_text(encoding="utf-8") for folder in folders for test in folder.glob("*.py"))
    whole = {re.escape(word) for word in re.findall(r'"([^"\s{}]+)"', text)}
    begun = {f"{word}.*" for word in re.findall(r'\bf"(\w+)\{', text)}
    return re.compile("|".join(sorted(whole | begun)))


@pytest.mark.parametrize("file", EXPECTED, ids=lambda file: file.name)
def test_every_value_is_named_by_a_test_or_listed(file: Path):
    """A test that names a figure may still do nothing with it: this finds what everybody forgot."""
    unnamed = {
        "/".join(path)
        for path in paths(file)
        if not is_listed(file, path) and not any(named(file).fullmatch(name) for name in names_of(path))
    }
    assert unnamed == set()


def test_the_list_has_no_value_that_is_not_there():
    everything = ["/".join((file.name, *path)) for file in EXPECTED for path in paths(file)]
    assert [pattern for pattern in PATTERNS if not any(fnmatchcase(v, pattern) for v in everything)] == []


def test_every_entry_says_why():
    assert all(entry["why"] and entry["values"] for entry in NOT_COMPARED)
