"""The file deliveries: one per kind, in the templates' columns, about persons whom SS 12000 knows."""

import csv
import io
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.kinds import ColumnType
from dagster_project.lib.deliveries.reader import open_sheet, read_sheet
from dagster_project.lib.pseudonyms import Pseudonymiser
from demo import deliveries
from demo.deliveries.files import FORMS
from demo.deliveries.table import Table
from demo.municipality import Municipality
from demo.units import BY_CODE, MUNICIPALITY_CODE


@pytest.fixture(scope="module")
def folder(municipality: Municipality, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all files."""
    path = tmp_path_factory.mktemp("deliveries")
    deliveries.write(municipality, path)
    return path


@pytest.fixture(scope="module")
def tables(municipality: Municipality) -> dict[str, Table]:
    """Rows by kind."""
    return {table.kind: table for table in deliveries.tables(municipality)}


def _read(folder: Path, kind: str) -> list[list[object]]:
    form = FORMS[kind]
    path = folder / form.name
    if not form.encoding:
        return CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Data").to_python()
    text = path.read_bytes().decode(form.encoding)
    return [list(row) for row in csv.reader(io.StringIO(text), delimiter=form.separator)]


def test_every_kind_is_delivered_and_every_encoding_used(folder: Path, tables: dict[str, Table]) -> None:
    assert set(tables) == set(KINDS)
    assert {path.name for path in folder.iterdir()} == {form.name for form in FORMS.values()}
    assert {form.encoding for form in FORMS.values()} >= {"", "utf-8", "utf-8-sig", "utf-16", "cp1252"}
    assert {form.separator for form in FORMS.values()} == {";", ",", "\t"}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_file_has_the_columns_and_rows_of_its_template(
    folder: Path, tables: dict[str, Table], kind: str
) -> None:
    header, *rows = _read(folder, kind)
    assert header == [column.header_sv for column in KINDS[kind].columns]
    assert len(rows) == len(tables[kind].rows) > 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_rows_keep_the_rules_of_their_template(tables: dict[str, Table], kind: str) -> None:
    table, template = tables[kind], KINDS[kind]
    for name, *cells in zip(table.columns, *table.rows, strict=True):
        column = template.by_name[name]
        given = [cell for cell in cells if cell is not None]
        if column.required:
            assert len(given) == len(cells), name
        if column.type is ColumnType.CODE:
            assert set(given) <= set(column.allowed.values()), name
        if column.minimum is not None:
            assert min(Decimal(str(cell)) for cell in given) >= column.minimum, name
        if column.maximum is not None:
            assert max(Decimal(str(cell)) for cell in given) <= column.maximum, name
    places = [table.columns.index(name) for name in template.key]
    keys = [tuple(row[place] for place in places) for row in table.rows]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_warehouse_takes_in_every_row(folder: Path, tables: dict[str, Table], kind: str) -> None:
    path = folder / FORMS[kind].name
    reading = read_sheet(
        path.name,
        open_sheet(Answer(path.name, path.read_bytes())),
        KINDS[kind],
        pseudonym_of=Pseudonymiser([bytes(32)]).of_civic_number,
        municipality_code=MUNICIPALITY_CODE,
    )
    assert (reading.findings, reading.rejected, reading.duplicates) == ([], 0, 0)
    assert reading.table.num_rows == len(tables[kind].rows)


@pytest.mark.parametrize("kind", sorted(kind.name for kind in KINDS.values() if kind.is_personal))
def test_persons_are_those_of_the_register(
    municipality: Municipality, tables: dict[str, Table], kind: str
) -> None:
    people = municipality.world.register
    known = {*people.pupil_numbers, *people.staff_numbers}
    assert {row[0] for row in tables[kind].rows} <= known


def test_units_are_those_of_the_municipality(tables: dict[str, Table]) -> None:
    for table in tables.values():
        if "unit_code" in table.columns:
            place = table.columns.index("unit_code")
            assert {row[place] for row in table.rows} <= set(BY_CODE), table.kind


def test_the_same_files_again_are_the_same_bytes(
    municipality: Municipality, folder: Path, tmp_path: Path
) -> None:
    deliveries.write(municipality, tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (folder / path.name).read_bytes()


def test_deliveries_from_the_command_line(folder: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "demo", "deliveries", str(tmp_path / "ut")]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[3])
    assert len(done.stdout.splitlines()) == len(KINDS)
    assert (tmp_path / "ut" / "kaa.csv").read_bytes() == (folder / "kaa.csv").read_bytes()
