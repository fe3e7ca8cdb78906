"""A small installation with pseudonyms stored everywhere they can be; run as a script it rotates and dies.

rotation_kit.py DATA_DIR PHASE      killed when PHASE is reached
"""

import datetime as dt
import gzip
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson

from dagster_project.lib import key_rotation, person_keys, raw_tables
from dagster_project.lib.answers import Answer
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.key_rotation import Place
from dagster_project.lib.person_keys import Keys
from dagster_project.lib.pseudonyms import Pseudonymiser
from dagster_project.lib.warehouse import open_warehouse

PUPIL, TEACHER, CHILD = "pupil-1", "teacher-1", "child-1"
NUMBER = "201304122383"
NOW = dt.datetime(2026, 11, 20, 4, 15, tzinfo=dt.UTC)


@contextmanager
def place(data_dir: Path) -> Iterator[Place]:
    with open_warehouse(data_dir / "warehouse.duckdb", memory_limit="300MB", threads=1) as connection:
        raw_tables.create_tables(connection)
        yield Place(data_dir / "keys", ExtractStore(data_dir / "raw"), connection)


def fill(data_dir: Path, setting: str = "") -> Keys:
    """Store two extracts, raw rows, and a table built from them."""
    with place(data_dir) as here:
        pseudonymiser = key_rotation.open_pseudonymiser(here, setting)
        pupil = pseudonymiser.of_person_id(PUPIL)
        _keep_rows(here.store, pupil)
        account = {"account": {"delivered": 1}}
        row = {"person_key": pseudonymiser.of_civic_number(NUMBER), "unit_code": "99990001"}
        body = gzip.compress("\n".join(map(json.dumps, (account, row))).encode(), mtime=0)
        here.store.put(source="deliveries", dataset="kaa", period="kaa", answers=[Answer("kaa.xlsx", body)])
        here.store.put(source="siris", dataset="x", period="2025", answers=[Answer("x.csv", b"a;b")])
        run = here.connection.execute
        run(
            "insert into raw.ss12000_persons (person_id_key, civic_no_key) values (?, ?), (?, null)",
            [pupil, pseudonymiser.of_civic_number(NUMBER), pseudonymiser.of_person_id(TEACHER)],
        )
        run("insert into raw.ss12000_grades (id, student_key) values ('g1', ?), ('g2', ?)", [pupil, pupil])
        run(
            "insert into raw.ss12000_placements (id, child_key) values ('p1', ?)",
            [pseudonymiser.of_person_id(CHILD)],
        )
        run("insert into raw.delivery_kaa (person_key) values (?)", [pseudonymiser.of_civic_number(NUMBER)])
        run(
            "insert into raw.ss12000_deleted_entities (entity_type, id)"
            " values ('persons', ?), ('grades', 'g9')",
            [pseudonymiser.of_person_id(TEACHER)],
        )
        run("create schema if not exists restricted")
        run("create schema if not exists marts")
        run(
            "create or replace table restricted.dim_pupil as"
            " select civic_no_key as person_key from raw.ss12000_persons"
        )
        run("create or replace table marts.fct_unit as select 1 as pupils")
        return person_keys.in_force(setting, here.keys_dir)


def _keep_rows(store: ExtractStore, pupil: str) -> None:
    with store.staging() as folder:
        path = folder / "rows"
        line = {"_row_number": 1, "_entity": 1, "id": "g1", "student_key": pupil}
        deleted = {"_row_number": 2, "_entity": 2, "entity_type": "persons", "id": pupil}
        path.write_bytes(
            gzip.compress(b"".join(orjson.dumps(one) + b"\n" for one in (line, deleted)), mtime=0)
        )
        store.keep(
            path, source="ss12000", dataset="grades", period="full", address="https://x/grades", answers=1,
            fetched_at=NOW, sha256="ab" * 32, size_bytes=100,
        )  # fmt: skip


def everything(data_dir: Path) -> dict[str, object]:
    """Every stored pseudonym, by where it stands, and what was built."""
    with place(data_dir) as here:

        def rows(query: str) -> list[tuple[object, ...]]:
            return here.connection.execute(query).fetchall()

        lines = [
            json.loads(line)
            for extract in key_rotation.personal_extracts(here.store)
            for line in gzip.decompress((here.store.root / extract.path).read_bytes()).splitlines()
        ]
        built = (
            "select table_name from duckdb_tables() where schema_name in ('restricted', 'marts') order by 1"
        )
        return {
            "persons": rows("select person_id_key, civic_no_key from raw.ss12000_persons order by all"),
            "grades": rows("select id, student_key from raw.ss12000_grades order by all"),
            "placements": rows("select child_key from raw.ss12000_placements"),
            "kaa": rows("select person_key from raw.delivery_kaa"),
            "deleted": rows("select entity_type, id from raw.ss12000_deleted_entities order by all"),
            "files": lines,
            "built": [name for (name,) in rows(built)],
            "left_over": sorted(
                path.name
                for path in data_dir.rglob("*")
                if path.name.endswith(
                    (".rekeyed", ".next", ".part", ".fresh", ".to_be_rewritten", "rotation.json")
                )
            ),
        }


def expected(keys: Keys, *, is_built: bool) -> dict[str, object]:
    """What :func:`everything` says when all of it stands under ``keys``."""
    pseudonymiser = Pseudonymiser(keys.chain)
    pupil, teacher = pseudonymiser.of_person_id(PUPIL), pseudonymiser.of_person_id(TEACHER)
    civic = pseudonymiser.of_civic_number(NUMBER)
    return {
        "persons": sorted([(pupil, civic), (teacher, None)]),
        "grades": [("g1", pupil), ("g2", pupil)],
        "placements": [(pseudonymiser.of_person_id(CHILD),)],
        "kaa": [(civic,)],
        "deleted": [("grades", "g9"), ("persons", teacher)],
        "files": [
            {"_row_number": 1, "_entity": 1, "id": "g1", "student_key": pupil},
            {"_row_number": 2, "_entity": 2, "entity_type": "persons", "id": pupil},
            {"account": {"delivered": 1}},
            {"person_key": civic, "unit_code": "99990001"},
        ],
        "built": ["dim_pupil", "fct_unit"] if is_built else ["fct_unit"],
        "left_over": [],
    }


def main() -> None:
    data_dir, phase, setting = Path(sys.argv[1]), sys.argv[2], os.environ.get("EQUITY_PERSON_KEYS", "")

    def die_at(reached: str) -> None:
        if reached == phase:
            os.kill(os.getpid(), signal.SIGKILL)

    with place(data_dir) as here:
        keys = key_rotation.recover(here, person_keys.in_force(setting, here.keys_dir))
        key_rotation.rotate(here, keys, reached=die_at)


if __name__ == "__main__":
    main()
