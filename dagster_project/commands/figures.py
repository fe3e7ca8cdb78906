"""Three figures of one municipality out of a release, each beside the nation and similar municipalities."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.lib.release.reader import connect

_SUFFIXES = {"points": "poäng", "percent": "%", "percentage_points": "procentenheter"}
_DECIMALS = {"points": 2}
_BASES = {
    "pupils": "pupils",
    "teachers_fte": "full-time teachers",
    "teachers_heads": "teachers",
    "answers": "answers",
}


@dataclass(frozen=True)
class Figure:
    """One indicator, latest school year.

    Attributes:
        name_sv: Swedish name from the release's catalogue.
        group_sv: Swedish name of the group of schools.
        unit_of_measure: ``points``, ``percent`` or ``percentage_points``.
        value: of the municipality; none where hidden or missing, and ``status_sv`` says which.
        basis: pupils, teachers or units behind it, in words.
        national, similar: the nation's value and that of similar municipalities, where there is one.
    """

    name_sv: str
    group_sv: str
    school_year: str
    unit_of_measure: str
    value: float | None
    status_sv: str | None
    basis: str
    national: float | None
    similar: float | None

    def shown(self, value: float | None) -> str:
        """``value`` as Swedish readers write it: ``235,58 poäng``; a dash for none."""
        if value is None:
            return "–"
        number = f"{value:.{_DECIMALS.get(self.unit_of_measure, 1)}f}".replace(".", ",").replace("-", "−")
        return f"{number} {_SUFFIXES.get(self.unit_of_measure, self.unit_of_measure)}"

    @property
    def own(self) -> str:
        """The municipality's value, or why there is none."""
        return self.status_sv or "–" if self.value is None else self.shown(self.value)


def of_municipality(release_file: Path, municipality_code: str) -> list[Figure]:
    """Up to three figures; a figure the release does not hold for the municipality is left out."""
    with connect(release_file) as connection:
        figures = [
            _indicator(connection, municipality_code, "merit_value_y9__level", "organiser_municipal"),
            _indicator(connection, municipality_code, "certified_teachers_share__need_gap", "all"),
            _organiser_measure(connection, municipality_code, "passed_all_subjects_y9"),
        ]
    return [figure for figure in figures if figure is not None]


def thousands(number: float) -> str:
    """A count as Swedish readers write it: ``1954`` -> ``'1 954'``, ``326.5`` -> ``'326,5'``."""
    decimals = 0 if float(number).is_integer() else 1
    return f"{number:,.{decimals}f}".replace(",", " ").replace(".", ",")


def _basis(count: float | None, count_basis: str, n_units: int | None) -> str:
    counted = [] if count is None else [f"{thousands(count)} {_BASES.get(count_basis, count_basis)}"]
    return ", ".join([*counted, *([] if n_units is None else [f"{n_units} units"])])


def _indicator(
    connection: duckdb.DuckDBPyConnection, code: str, indicator_id: str, group_id: str
) -> Figure | None:
    return _figure(
        connection.execute(
            """
            select
                c.name_sv, g.name_sv, i.school_year, c.unit_of_measure, i.value,
                coalesce(s.name_sv, i.status),
                i.denominator, m.count_basis, i.n_units, i.national_value, i.similar_value
            from pub_indicators i
            join pub_indicator_catalogue c on c.indicator_id = i.indicator_id
            join pub_measures m on m.measure_id = c.measure_id
            join pub_groups g on g.group_id = i.group_id
            left join pub_value_statuses s on s.value_status = i.status
            where
                i.entity_type = 'municipality' and i.entity_key = ? and i.indicator_id = ? and i.group_id = ?
            order by i.school_year desc
            limit 1
            """,
            [code, indicator_id, group_id],
        ).fetchone
    )


def _organiser_measure(connection: duckdb.DuckDBPyConnection, code: str, measure_id: str) -> Figure | None:
    return _figure(
        connection.execute(
            """
            select
                m.name_sv, o.organiser_name, p.school_year, m.unit_of_measure, p.value,
                coalesce(s.name_sv, p.value_status),
                p.base_count, m.count_basis, null, n.value, null
            from pub_organiser_measures p
            join pub_organisers o on o.organiser_number = p.organiser_number
            join pub_measures m on m.measure_id = p.measure_id
            left join pub_value_statuses s on s.value_status = p.value_status
            left join pub_organiser_measures n
                on n.entity_type = 'nation' and n.measure_id = p.measure_id
                and n.school_year = p.school_year and n.group_id = p.group_id
            where
                p.entity_type = 'organiser' and o.municipality_code = ? and o.organiser_kind = 'municipal'
                and p.measure_id = ? and p.group_id = 'all'
            -- A municipality's own number begins with 212000; one that an association shares does not.
            order by starts_with(p.organiser_number, '212000') desc, p.school_year desc
            limit 1
            """,
            [code, measure_id],
        ).fetchone
    )


def _figure(fetch: Callable[[], tuple[object, ...] | None]) -> Figure | None:
    row = fetch()
    if row is None:
        return None
    name, group, year, unit, value, status, count, count_basis, n_units, national, similar = row
    return Figure(
        name_sv=str(name),
        group_sv=str(group),
        school_year=str(year),
        unit_of_measure=str(unit),
        value=_number(value),
        status_sv=None if status is None else str(status),
        basis=_basis(_number(count), str(count_basis), None if n_units is None else int(str(n_units))),
        national=_number(national),
        similar=_number(similar),
    )


def _number(value: object) -> float | None:
    return None if value is None else float(str(value))
