"""After a whole run nothing that identifies a made-up person stands anywhere below the data folder."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ss12000_kit import MORNING, Installation, problems

import demo
from demo.server import Fault

LISTS = (
    "organisations",
    "persons",
    "placements",
    "duties",
    "groups",
    "activities",
    "studyplans",
    "deletedEntities",
)
# What stands between values in JSON, in addresses and in sentences.
_BETWEEN = re.compile(r"[\s\"',:;=()\[\]{}<>|\\/?&]+")


@pytest.fixture(scope="module")
def municipality():
    return demo.generate(as_of=MORNING)


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Every file as text, compressed ones unpacked."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield (
            path.name,
            (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode("utf-8", "replace"),
        )


def dumped(here: Installation) -> str:
    """Every value of every table of schema raw."""
    with here.warehouse() as connection:
        tables = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'raw'"
        ).fetchall()
        return "\n".join(
            str(value)
            for (table,) in tables
            for row in connection.execute(f'select * from raw."{table}"').fetchall()
            for value in row
        )


def found_in(text: str, identities: frozenset[str]) -> set[str]:
    """Identities that stand in a text, as a value or as a word of one."""
    words = set(_BETWEEN.split(text)) | set(text.splitlines())
    return identities & words


@pytest.mark.parametrize("is_faulty", [False, True])
def test_no_number_name_address_or_id_of_a_person_is_stored_or_told(
    tmp_path, municipality, caplog, is_faulty
):
    here = Installation(tmp_path)
    faults = [
        Fault("persons", "wrong_type", times=5),
        Fault("groups", "number_in_name", times=5),
        Fault("placements", "cut_off", after=1),
        Fault("duties", "cut_off", times=99),
        Fault("activities", "repeated_token", times=99),
    ]
    with caplog.at_level("DEBUG"):
        found = here.run(municipality, *LISTS, faults=faults if is_faulty else ())
    assert len(problems(found)) == (3 if is_faulty else 0)
    identities = frozenset(demo.identities(municipality))
    assert len(identities) > 100_000
    told = caplog.text + str(problems(found)) + str([one.report for r in found.values() for one in r])
    stored = [*texts(here.store.root), ("the warehouse", dumped(here)), ("what was told", told)]
    for name, text in stored:
        hits = found_in(text, identities)
        assert not hits, f"{len(hits)} in {name}"
        assert "20130412-2383" not in text
    # Raw bytes of the database too, in case something was deleted from a table but not from the file.
    content = (here.folder / "warehouse.duckdb").read_bytes()
    ids = municipality.world.register.pupil_ids[:200]
    assert not any(one.encode() in content for one in ids)


def test_the_search_finds_what_it_looks_for(municipality):
    register = municipality.world.register
    identities = frozenset(demo.identities(municipality))
    for planted in (
        f'{{"a":"{register.pupil_ids[7]}"}}',
        f"told about {register.staff_contacts[3].given}, who",
        f"/persons?civicNo={register.guardian_numbers[4]}",
        register.pupil_contacts[0].email,
    ):
        assert found_in(planted, identities)
