"""Every family of file the agencies deliver, every damage it can suffer, and what must come of it.

A family's row names all of :data:`DAMAGES`; one that cannot happen to its form says why.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from agencies import LISTED, UFA_PATH
from damages import (
    Damage,
    Sheet,
    a_note_among_the_rows,
    cell,
    cut_at_a_line_end,
    cut_in_half,
    empty,
    in_utf_16,
    in_windows_1252,
    no_rows,
    notes_before_the_rows,
    on_json,
    on_sheet,
    on_table,
    one_row_twice,
    rename_key,
    renamed,
    ten_times,
    web_page,
    with_a_new_column,
    with_its_text_in_windows_1252,
    without,
)
from recording import bundled
from small_workbook import workbook

from dagster_project.lib.readers.ufa_measures import MEASURES
from dagster_project.settings import Mode

DAMAGES = (
    "wrong encoding",
    "truncated",
    "web page",
    "changed header",
    "missing column",
    "extra column",
    "notes moved",
    "empty",
    "no rows",
    "ten times the rows",
    "unknown code",
    "impossible value",
    "duplicate rows",
)

# --- what must come of it ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refused:
    """As a whole, by this rule; the message names the column, where one is to blame."""

    rule: str
    column: str | None = None


@dataclass(frozen=True)
class SetAside:
    """These rows, by the reader; the others are loaded."""

    rule: str
    rows: int = 1


@dataclass(frozen=True)
class Dropped:
    """These rows, as exact duplicates."""

    rows: int


@dataclass(frozen=True)
class Noted:
    """Loaded, with a remark that has these words."""

    words: str


@dataclass(frozen=True)
class SetAsideInStaging:
    """Loaded; dbt sets these rows aside by this rule."""

    rule: str
    column: str
    rows: int = 1


@dataclass(frozen=True)
class CannotHappen:
    """To a delivery of this form."""

    why: str


Outcome = Refused | SetAside | Dropped | Noted | SetAsideInStaging


@dataclass(frozen=True)
class Cell:
    """One damage to one family.

    Attributes:
        change: the damage.
        outcome: what must come of it.
        where: as of the family, where another answer is damaged.
    """

    change: Damage
    outcome: Outcome
    where: str | None = None


@dataclass(frozen=True)
class Family:
    """One dataset in the form in which it is delivered.

    Attributes:
        name: for the test's name.
        source, dataset: as in the catalogue of datasets.
        mode: served from a recording, or by the live interfaces.
        answers: what is recorded, by address (recorded only).
        where: the first answer whose path and query start with this is damaged; with a final ``*`` every
            such answer (live only).
        cells: one for each of :data:`DAMAGES`.
    """

    name: str
    source: str
    dataset: str
    mode: Mode
    cells: dict[str, Cell | CannotHappen]
    answers: Callable[[], dict[str, bytes]] = dict
    where: str = ""


_NEW_NAME = "the columns or keys are not those of the last delivery"
_SAME_FOR_ALL_TEXT = {
    "web page": Cell(web_page, Refused("not_this_file")),
    "empty": Cell(empty, Refused("not_this_file")),
}

# --- SIRIS ------------------------------------------------------------------------------------------------


def _siris(
    dataset: str,
    export_id: int,
    year: int,
    impossible: tuple[str, str],
    *,
    column: str = "Typ av huvudman",
    first_header: str = "Kommun",
    municipality: str = "Kommun-kod",
) -> Family:
    """``impossible``: a column that cannot hold 130 % (or a negative number), as delivered and in staging."""
    on = partial(on_table, first_header)
    delivered, staged = impossible
    value = "-12" if "Genomsnittligt elevantal" in delivered else "130,0"
    cells: dict[str, Cell | CannotHappen] = {
        **_SAME_FOR_ALL_TEXT,
        "wrong encoding": Cell(in_windows_1252, Refused("wrong_encoding")),
        "truncated": Cell(on(cut_at_a_line_end), Refused("truncated")),
        "changed header": Cell(on(renamed(column)), Refused("header_changed", column)),
        "missing column": Cell(on(without(column)), Refused("header_changed", column)),
        "extra column": Cell(on(with_a_new_column), Noted("unknown column 'Nytt' ignored")),
        "notes moved": Cell(on(notes_before_the_rows), Refused("notes_moved")),
        "no rows": Cell(on(no_rows), Refused("no_rows")),
        "ten times the rows": Cell(on(ten_times(first_header)), Refused("too_many_rows")),
        "unknown code": Cell(
            on(cell(10, municipality, "9999")), SetAsideInStaging("unknown_municipality", "municipality_code")
        ),
        "impossible value": Cell(
            on(cell(20, delivered, value)), SetAsideInStaging("impossible_value", staged)
        ),
        "duplicate rows": Cell(on(one_row_twice), Dropped(1)),
    }
    return Family(
        dataset,
        "siris",
        dataset,
        Mode.RECORDED,
        cells,
        lambda: bundled(f"pExportID={export_id}&pAr={year}&"),
    )


SIRIS = [
    _siris(
        "final_grades_y9",
        139,
        2025,
        ("Andel (%) elever behöriga till yrkesprog.", "eligible_vocational_share"),
        first_header="Skola",
    ),
    _siris(
        "grades_y6",
        87,
        2025,
        ("Andel (%) elever som fått godkänt betyg i alla ämnen", "passed_all_subjects_share"),
    ),
    _siris("pupils", 23, 2024, ("Andel (%) flickor, årskurs 1-9", "girls_share")),
    _siris(
        "teachers",
        99,
        2024,
        ("#Heltidstjänster: Andel med lärarlegitimation och behörighet", "certified_fte_share"),
    ),
    _siris("national_tests_y9", 197, 2024, ("Andel (%) med provbetyg A-E: Totalt", "passed_share_all")),
    _siris(
        "eligibility_y9",
        155,
        2025,
        ("Andel (%) elever behöriga till yrkesprog.", "eligible_vocational_share"),
    ),
    _siris("costs_gr", 32, 2024, ("Genomsnittligt elevantal", "pupils_mean"), municipality="Kommunkod"),
    _siris("costs_gy", 34, 2023, ("Genomsnittligt elevantal", "pupils_mean")),
]

# --- tables as plain CSV ----------------------------------------------------------------------------------


def _flat(
    name: str,
    source: str,
    dataset: str,
    part_of_address: str,
    *,
    unit: str,
    column: str,
    own: dict[str, Cell | CannotHappen],
) -> Family:
    on = partial(on_table, "HUVUDMANNATYP" if source == "skolenhetsregistret" else unit)
    cells: dict[str, Cell | CannotHappen] = {
        **_SAME_FOR_ALL_TEXT,
        "wrong encoding": Cell(in_utf_16, Refused("wrong_encoding")),
        "truncated": Cell(on(cut_at_a_line_end), Refused("too_few_rows")),
        "changed header": Cell(on(renamed(column)), Refused("header_changed", column)),
        "missing column": Cell(on(without(column)), Refused("header_changed", column)),
        "notes moved": Cell(on(a_note_among_the_rows), SetAside("cell_count")),
        "no rows": Cell(on(no_rows), Refused("no_rows")),
        "ten times the rows": Cell(on(ten_times(unit)), Refused("too_many_rows")),
        "duplicate rows": Cell(on(one_row_twice), Dropped(1)),
        **own,
    }
    return Family(name, source, dataset, Mode.RECORDED, cells, lambda: bundled(part_of_address))


def _in_compulsory_school(change: Damage) -> Damage:
    """The register comes as four files, one for each school form."""
    return lambda body: change(body) if b";ELEVER FKLASS;" in body else body


def _in_the_smallest_file(change: Damage) -> Damage:
    return lambda body: change(body) if len(body) < 100_000 else body


_on_salsa = partial(on_table, "schoolUnitCode")
_on_register = partial(on_table, "HUVUDMANNATYP")


PLAIN_TABLES = [
    _flat(
        "salsa as CSV",
        "planned_educations",
        "salsa",
        "/all-schools/salsa",
        unit="schoolUnitCode",
        column="salsaAverageGradesIn9thGradeActual",
        own={
            "extra column": Cell(_on_salsa(with_a_new_column), Noted("unknown column 'Nytt' ignored")),
            "unknown code": Cell(
                _on_salsa(cell(10, "schoolUnitCode", "00000000")),
                SetAsideInStaging("unknown_unit", "unit_code"),
            ),
            "impossible value": Cell(
                _on_salsa(cell(20, "salsaAverageCalculated", "1300")),
                SetAsideInStaging("impossible_value", "merit_expected"),
            ),
        },
    ),
    _flat(
        "survey as CSV",
        "planned_educations",
        "survey",
        "/tabulated/nestedsurveys.csv",
        unit="schoolUnitCode",
        column="semester",
        own={
            # Five indices stand in a line.
            "extra column": Cell(_on_salsa(with_a_new_column), Noted("unknown column 'Nytt' ignored")),
            "truncated": Cell(_on_salsa(cut_at_a_line_end), Refused("far_fewer_rows")),
            "unknown code": Cell(
                _on_salsa(cell(10, "schoolUnitCode", "00000000")),
                SetAsideInStaging("unknown_unit", "unit_code", 5),
            ),
            "impossible value": Cell(
                _on_salsa(cell(20, "trygghet", "13")), SetAsideInStaging("impossible_value", "value")
            ),
            "duplicate rows": Cell(_on_salsa(one_row_twice), Dropped(5)),
        },
    ),
    _flat(
        "register of 2020",
        "skolenhetsregistret",
        "units_2020",
        "/tabulated/skolenhetsregistret_2020-06-01_",
        unit="SKOLENHETSKOD",
        column="KOMMUN",
        own={
            "wrong encoding": Cell(in_windows_1252, Refused("wrong_encoding")),
            "extra column": Cell(_on_register(with_a_new_column), Noted(_NEW_NAME)),
            "ten times the rows": Cell(
                _in_the_smallest_file(_on_register(ten_times("SKOLENHETSKOD"))), Refused("too_many_rows")
            ),
            "unknown code": Cell(
                _in_compulsory_school(_on_register(cell(10, "KOMMUN", "9999"))),
                SetAsideInStaging("unknown_municipality", "municipality_code"),
            ),
            "impossible value": Cell(
                _in_compulsory_school(_on_register(cell(20, "ELEVER ÅR1", "-84"))), SetAside("pupil_count")
            ),
            "duplicate rows": Cell(_in_compulsory_school(_on_register(one_row_twice)), Dropped(1)),
            "notes moved": Cell(
                _in_compulsory_school(_on_register(a_note_among_the_rows)), SetAside("cell_count")
            ),
        },
    ),
]

# --- the workbook -----------------------------------------------------------------------------------------

_LEVELS = ["RIKET: TOTALT", *(f"UPPSALA KOMMUN (2120003005): Skola {n} (1343{n:04})" for n in range(20))]


def _sheet() -> Sheet:
    head: Sheet = [
        ["Underlag för analys för grundskola"],
        [""],
        ["", *_LEVELS],
        ["", *["2024/25"] * len(_LEVELS)],
    ]
    body: Sheet = [[measure, *[9.0] * len(_LEVELS)] for measure in MEASURES]
    return [*head, *body, [""], ["(.) Uppgiften saknas"]]


_FIRST = 4  # 0-based row of the first measure


def _on(change: Callable[[Sheet], Any]) -> Damage:
    return on_sheet(change, _sheet)


def _set(row: int, column: int, value: str | float) -> Damage:
    return _on(lambda rows: rows[row].__setitem__(column, value))


WORKBOOK = Family(
    "Underlag för analys as a workbook",
    "underlag_for_analys",
    "measures",
    Mode.RECORDED,
    {
        "wrong encoding": Cell(with_its_text_in_windows_1252, Refused("not_this_file")),
        "truncated": Cell(cut_in_half, Refused("truncated")),
        "web page": Cell(web_page, Refused("not_this_file")),
        "empty": Cell(empty, Refused("not_this_file")),
        "changed header": Cell(_set(_FIRST + 3, 0, "Elever: Nytt"), Refused("header_changed", MEASURES[3])),
        "missing column": Cell(_on(lambda rows: rows.pop(_FIRST)), Refused("header_changed", MEASURES[0])),
        "extra column": Cell(
            _on(lambda rows: rows.insert(10, ["Delmål 7: Nytt", *[1.0] * len(_LEVELS)])),
            SetAsideInStaging("unknown_measure", "measure", len(_LEVELS)),
        ),
        # Without the empty row above it, an explanation looks like a measure without figures.
        "notes moved": Cell(
            _on(lambda rows: rows.pop(_FIRST + len(MEASURES))),
            Noted("unknown measure '(.) Uppgiften saknas' kept"),
        ),
        "no rows": Cell(
            _on(lambda rows: rows.__setitem__(slice(_FIRST, None), [])), Refused("header_changed")
        ),
        "ten times the rows": Cell(
            _on(
                lambda rows: rows.__setitem__(
                    slice(_FIRST, _FIRST + len(MEASURES)), rows[_FIRST : _FIRST + len(MEASURES)] * 10
                )
            ),
            Refused("header_changed", MEASURES[0]),
        ),
        "unknown code": Cell(
            _set(2, 5, "OKÄND (12): HUVUDMAN"),
            SetAsideInStaging("unknown_level", "level_label", len(MEASURES)),
        ),
        "impossible value": Cell(_set(_FIRST + 1, 3, 130.0), SetAsideInStaging("impossible_value", "value")),
        "duplicate rows": Cell(_set(2, 5, _LEVELS[3]), Refused("header_changed", _LEVELS[3])),
    },
    lambda: dict.fromkeys(bundled(".xlsx"), workbook(_sheet())),
)

# --- JSON -------------------------------------------------------------------------------------------------

_NOTES = CannotHappen("Notes are keys of their own in JSON, and belong to no place.")
_NO_FIGURES = CannotHappen("It holds no figures.")
_ONE_UNIT = CannotHappen("An answer is one unit.")
_SAME_FOR_ALL_JSON: dict[str, Cell | CannotHappen] = {
    **_SAME_FOR_ALL_TEXT,
    "wrong encoding": Cell(in_utf_16, Refused("wrong_encoding")),
    "truncated": Cell(cut_in_half, Refused("truncated")),
    "notes moved": _NOTES,
}

Items = Callable[[Any], list[dict[str, Any]]]


def _json_family(  # noqa: PLR0917 - a row of the matrix
    name: str,
    source: str,
    dataset: str,
    where: str,
    items: Items,
    key: str,
    own: dict[str, Cell | CannotHappen],
    *,
    missing: str = "header_changed",
) -> Family:
    """``items``: where the rows stand in a document; ``key``: one they cannot be read without."""

    def on_items(change: Callable[[list[dict[str, Any]]], Any]) -> Damage:
        def damage(document: Any) -> None:
            change(items(document))

        return on_json(damage)

    column = key if missing == "header_changed" else None
    cells: dict[str, Cell | CannotHappen] = {
        **_SAME_FOR_ALL_JSON,
        "changed header": Cell(on_items(lambda rows: rename_key(rows[0], key)), Refused(missing, column)),
        "missing column": Cell(on_items(lambda rows: rows[0].pop(key)), Refused(missing, column)),
        "extra column": Cell(on_items(lambda rows: rows[0].update(nytt=1)), Noted(_NEW_NAME)),
        **own,
    }
    return Family(name, source, dataset, Mode.LIVE, cells, where=where)


def _edit(items: Items, change: Callable[[list[dict[str, Any]]], Any]) -> Damage:
    def damage(document: Any) -> None:
        change(items(document))

    return on_json(damage)


def _repeat(times: int) -> Callable[[list[Any]], None]:
    return lambda rows: rows.extend(rows * (times - 1))


def _first_again(rows: list[Any]) -> None:
    rows.append(rows[0])


def _listed(document: Any) -> list[dict[str, Any]]:
    units: list[dict[str, Any]] = document["body"]["_embedded"]["listedSchoolUnits"]
    return units


def _nothing_listed(document: Any) -> None:
    del document["body"]["_embedded"]
    document["body"]["page"] |= {"totalElements": 0, "totalPages": 0}


_LIST, _FIRST_UNIT = "/v4/school-units?", f"/v4/school-units/{LISTED[0]}"
_EMPTY_LIST = Cell(on_json(_nothing_listed), Refused("nothing_listed"), where=_LIST)


def _unit_body(document: Any) -> list[dict[str, Any]]:
    return [document["body"]]


def _certified(document: Any) -> list[dict[str, Any]]:
    cells: list[dict[str, Any]] = document["body"]["certifiedTeachersQuota"]
    return cells


def _salsa(document: Any) -> list[dict[str, Any]]:
    units: list[dict[str, Any]] = document["body"]["compulsorySchoolUnitSalsaMetricList"]
    return units


def _grades(document: Any) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = document["body"]["schoolYearMetrics"]
    return blocks


def _other_unit(document: Any) -> None:
    for block in _grades(document):
        block["schoolUnitCode"] = "00000000"


PLANNED_EDUCATIONS = [
    _json_family(
        "unit list",
        "planned_educations",
        "school_units",
        _LIST,
        _listed,
        "principalOrganizerType",
        {
            "no rows": Cell(on_json(_nothing_listed), Refused("no_rows")),
            "ten times the rows": Cell(_edit(_listed, _repeat(10)), Refused("page_overlaps")),
            "unknown code": Cell(
                _edit(_listed, lambda rows: rows[1].update(geographicalAreaCode="9999")),
                Refused("other_municipality"),
            ),
            "impossible value": _NO_FIGURES,
            "duplicate rows": Cell(_edit(_listed, _first_again), Refused("page_overlaps")),
        },
    ),
    _json_family(
        "unit details",
        "planned_educations",
        "school_unit_details",
        _FIRST_UNIT,
        _unit_body,
        "principalOrganizerType",
        {
            "no rows": _EMPTY_LIST,
            "ten times the rows": _ONE_UNIT,
            "unknown code": Cell(
                _edit(_unit_body, lambda rows: rows[0].update(code="00000000")), SetAside("another_unit")
            ),
            "impossible value": Cell(
                _edit(_unit_body, lambda rows: rows[0].update(wgs84_Lat="130.5")),
                SetAsideInStaging("impossible_value", "latitude"),
            ),
            "duplicate rows": _ONE_UNIT,
        },
    ),
    _json_family(
        "statistics",
        "planned_educations",
        "statistics",
        _FIRST_UNIT,
        _unit_body,
        "schoolUnit",
        {
            # A measure by another name is a measure nobody knows.
            "changed header": Cell(
                _edit(_unit_body, lambda rows: rename_key(rows[0], "studentsPerTeacherQuota")),
                SetAsideInStaging("unknown_measure", "metric", 5),
            ),
            "extra column": Cell(
                _edit(_unit_body, lambda rows: rows[0].update(nytt="1")),
                Noted("unknown field 'nytt' ignored"),
            ),
            "no rows": _EMPTY_LIST,
            "ten times the rows": Cell(_edit(_certified, _repeat(10)), Dropped(45)),
            "unknown code": Cell(
                _edit(_unit_body, lambda rows: rows[0].update(schoolUnit="00000000")),
                SetAside("another_unit", 10),
            ),
            "impossible value": Cell(
                _edit(_certified, lambda rows: rows[0].update(value="130,0")),
                SetAsideInStaging("impossible_value", "value"),
            ),
            "duplicate rows": Cell(_edit(_certified, _first_again), Dropped(1)),
        },
    ),
    _json_family(
        "salsa",
        "planned_educations",
        "salsa",
        "/v4/statistics/all-schools/salsa",
        _salsa,
        "salsaAverageCalculated",
        {
            "no rows": Cell(_edit(_salsa, lambda rows: rows.clear()), Refused("no_rows")),
            "ten times the rows": Cell(_edit(_salsa, _repeat(10)), Refused("too_many_rows")),
            "unknown code": Cell(
                _edit(_salsa, lambda rows: rows[1].update(schoolUnitCode="00000000")),
                SetAsideInStaging("unknown_unit", "unit_code"),
            ),
            "impossible value": Cell(
                _edit(
                    _salsa,
                    lambda rows: rows[2].update(salsaBoysQuota={"value": "130", "valueType": "EXISTS"}),
                ),
                SetAsideInStaging("impossible_value", "boys_share"),
            ),
            "duplicate rows": Cell(_edit(_salsa, _first_again), Dropped(1)),
        },
    ),
    _json_family(
        "survey",
        "planned_educations",
        "survey",
        _FIRST_UNIT,
        _grades,
        "semester",
        {
            "no rows": _EMPTY_LIST,
            "ten times the rows": Cell(_edit(_grades, _repeat(10)), Dropped(90)),
            "unknown code": Cell(on_json(_other_unit), SetAside("another_unit", 10)),
            "impossible value": Cell(
                _edit(_grades, lambda rows: rows[0]["securityMetrics"].update(average="13,0")),
                SetAsideInStaging("impossible_value", "value"),
            ),
            "duplicate rows": Cell(_edit(_grades, _first_again), Dropped(5)),
        },
    ),
]


def _attributes(document: Any) -> list[dict[str, Any]]:
    return [document["data"]["attributes"]]


def _registered(document: Any) -> list[dict[str, Any]]:
    units: list[dict[str, Any]] = document["data"]["attributes"]
    return units


def _visiting_address(rows: list[dict[str, Any]]) -> None:
    rows[0]["addresses"][1]["geoCoordinates"]["latitude"] = "130.5"


REGISTER = _json_family(
    "register of today",
    "skolenhetsregistret",
    "units",
    f"/v2/school-units/{LISTED[0]}",
    _attributes,
    "municipalityCode",
    {
        "no rows": Cell(
            _edit(_registered, lambda rows: rows.clear()), Refused("nothing_listed"), where="/v2/school-units"
        ),
        "ten times the rows": Cell(
            _edit(_registered, _repeat(10)), Refused("page_overlaps"), where="/v2/school-units"
        ),
        "unknown code": Cell(
            _edit(_attributes, lambda rows: rows[0].update(municipalityCode="9999")),
            SetAsideInStaging("unknown_municipality", "municipality_code"),
        ),
        "impossible value": Cell(
            _edit(_attributes, _visiting_address),
            SetAsideInStaging("impossible_value", "latitude"),
            where=f"/v2/school-units/{LISTED[1]}",
        ),
        "duplicate rows": Cell(
            _edit(_registered, _first_again), Refused("page_overlaps"), where="/v2/school-units"
        ),
    },
)


def _values(document: Any) -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = document["values"]
    return values


def _kolada(
    dataset: str, where: str, key: str, own: dict[str, Cell | CannotHappen], *, missing: str
) -> Family:
    pages: dict[str, Cell | CannotHappen] = {
        "no rows": Cell(_edit(_values, lambda rows: rows.clear()), Refused("no_rows")),
        "ten times the rows": Cell(_edit(_values, _repeat(10)), Refused("page_overlaps")),
        "duplicate rows": Cell(_edit(_values, _first_again), Refused("page_overlaps")),
    }
    return _json_family(
        f"kolada {dataset}", "kolada", dataset, where, _values, key, pages | own, missing=missing
    )


def _no_value_in_any(where: str) -> dict[str, Cell | CannotHappen]:
    """A year without a single value is one that Kolada does not have (any more)."""
    return {"no rows": Cell(_edit(_values, lambda rows: rows.clear()), Refused("withdrawn"), where=where)}


def _value(rows: list[dict[str, Any]]) -> None:
    rows[2]["values"][0]["value"] = 130.0


KOLADA = [
    _kolada(
        "kpis",
        "/kpi",
        "has_ou_data",
        {
            "unknown code": CannotHappen("The catalogue names no unit and no municipality."),
            "impossible value": _NO_FIGURES,
        },
        missing="header_changed",
    ),
    _kolada(
        "municipality_data",
        "/data/",
        "period",
        {
            **_no_value_in_any("/data/*"),
            "unknown code": Cell(
                _edit(_values, lambda rows: rows[1].update(municipality="9999")),
                SetAsideInStaging("unknown_municipality", "municipality_code"),
            ),
            "impossible value": Cell(_edit(_values, _value), SetAsideInStaging("impossible_value", "value")),
        },
        missing="unexpected_shape",
    ),
    _kolada(
        "units",
        "/ou",
        "municipality",
        {
            "unknown code": Cell(
                _edit(_values, lambda rows: rows[1].update(municipality="9999")),
                SetAsideInStaging("unknown_municipality", "municipality_code"),
            ),
            "impossible value": _NO_FIGURES,
        },
        missing="header_changed",
    ),
    _kolada(
        "unit_data",
        "/oudata/",
        "period",
        {
            **_no_value_in_any("/oudata/*"),
            "unknown code": Cell(
                _edit(_values, lambda rows: rows[4].update(ou="V15E999")),
                SetAsideInStaging("unknown_unit", "ou"),
            ),
            "impossible value": Cell(_edit(_values, _value), SetAsideInStaging("impossible_value", "value")),
        },
        missing="unexpected_shape",
    ),
    _kolada(
        "municipality_groups",
        "/municipality_groups",
        "members",
        {
            "unknown code": Cell(
                _edit(_values, lambda rows: rows[1]["members"][0].update(member_id="9999")),
                SetAsideInStaging("unknown_municipality", "municipality_code"),
            ),
            "impossible value": _NO_FIGURES,
        },
        missing="header_changed",
    ),
]


def _renamed_dimension(name: str) -> Damage:
    return on_json(lambda document: rename_key(document["dimension"], name))


def _new_dimension(document: Any) -> None:
    document["id"].append("Nytt")
    document["size"].append(1)
    document["dimension"]["Nytt"] = {"category": {"index": {"1": 0}, "label": {"1": "alla"}}}


def _other_code(name: str) -> Damage:
    def change(document: Any) -> None:
        index = document["dimension"][name]["category"]["index"]
        index["9999"] = index.pop(next(iter(index)))

    return on_json(change)


def _code_twice(name: str) -> Damage:
    def change(document: Any) -> None:
        category = document["dimension"][name]["category"]
        category["index"] = [*category["index"], next(iter(category["index"]))]

    return on_json(change)


def _no_size(document: Any) -> None:
    del document["size"]


def _cube_cells(name: str) -> dict[str, Cell | CannotHappen]:
    return {
        **_SAME_FOR_ALL_JSON,
        "changed header": Cell(_renamed_dimension(name), Refused("unexpected_shape")),
        "missing column": Cell(on_json(_no_size), Refused("unexpected_shape")),
        "extra column": Cell(on_json(_new_dimension), Noted(_NEW_NAME)),
        "no rows": Cell(on_json(lambda document: document.update(value=[])), Refused("cells_missing")),
        "ten times the rows": Cell(
            on_json(lambda document: document.update(value=document["value"] * 10)), Refused("cells_missing")
        ),
        # The codes that come must be those that were asked for.
        "unknown code": Cell(_other_code(name), Refused("cells_missing")),
        "duplicate rows": Cell(_code_twice(name), Refused("cells_missing")),
    }


def _first_value(value: float) -> Damage:
    return on_json(lambda document: document["value"].__setitem__(0, value))


SCB = Family(
    "scb population",
    "scb",
    "population",
    Mode.LIVE,
    {
        **_cube_cells("Region"),
        "impossible value": Cell(_first_value(-5), SetAsideInStaging("impossible_value", "population")),
    },
    where="/tables/TAB6574/data",
)
PXWEB = Family(
    "Underlag för analys over PxWeb",
    "underlag_for_analys",
    "measures",
    Mode.LIVE,
    {
        **_cube_cells("level"),
        # Percent: the second measure, of the nation.
        "impossible value": Cell(
            on_json(lambda document: document["value"].__setitem__(document["size"][1], 130)),
            SetAsideInStaging("impossible_value", "value"),
        ),
    },
    where=f"{UFA_PATH}#block",
)

FAMILIES: list[Family] = [
    *SIRIS,
    *PLAIN_TABLES,
    WORKBOOK,
    *PLANNED_EDUCATIONS,
    REGISTER,
    *KOLADA,
    SCB,
    PXWEB,
]


def cells() -> Iterable[tuple[Family, str, Cell]]:
    """Every cell of the matrix that can happen."""
    for family in FAMILIES:
        for damage in DAMAGES:
            found = family.cells[damage]
            if isinstance(found, Cell):
                yield family, damage, found
