"""Pictures of the chosen municipality, drawn from the candidate file alone: only what is published."""

from pathlib import Path

import duckdb

from dagster_project.lib.release.reader import connect

_SPREAD = """
select m.school_year, m.value, m.base_count, u.organiser_kind
from pub_unit_measures as m
inner join pub_units as u on m.unit_key = u.unit_key and u.is_current
where
    m.municipality_code = ? and m.measure_id = 'merit_value_y9' and m.value is not null
    and m.school_year = (
        select max(school_year) from pub_unit_measures
        where measure_id = 'merit_value_y9' and base_count is not null and municipality_code = ?
    )
order by u.unit_name
"""
_NEED = """
select g.name_sv, i.value, i.school_year
from pub_indicators as i
inner join pub_groups as g on i.group_id = g.group_id
where
    i.entity_key = ? and i.indicator_id = 'certified_teachers_share__need_quarter'
    and i.group_id like 'need_quarter_%' and i.value is not null
    and i.school_year = (
        select max(school_year) from pub_indicators
        where indicator_id = 'certified_teachers_share__need_quarter' and entity_key = ?
    )
order by g.need_quarter
"""
_SOURCE = "Källa: Skolverket; egen bearbetning."


def draw_pictures(database: Path, folder: Path, municipality_code: str) -> list[Path]:
    """Draw what there are figures for; returns the PNG files, none for a municipality without figures."""
    folder.mkdir(parents=True, exist_ok=True)
    with connect(database) as connection:
        name = connection.execute(
            "select municipality_name from pub_municipalities where municipality_code = ?",
            [municipality_code],
        ).fetchone()
        if name is None:
            return []
        drawn = [
            _merit_by_size(connection, folder, municipality_code, name[0]),
            _certified_by_need(connection, folder, municipality_code, name[0]),
        ]
    return [path for path in drawn if path is not None]


def _merit_by_size(connection: duckdb.DuckDBPyConnection, folder: Path, code: str, name: str) -> Path | None:
    # Matplotlib is slow to import and only needed when a release is made.
    import matplotlib as mpl  # noqa: PLC0415

    mpl.use("Agg")
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = connection.execute(_SPREAD, [code, code]).fetchall()
    if not rows:
        return None
    figure, axes = plt.subplots(figsize=(8, 5))
    for kind, label, colour in (
        ("municipal", "kommunal", "#1f4e79"),
        ("independent", "enskild", "#c55a11"),
    ):
        points = [(float(base), float(value)) for _, value, base, k in rows if k == kind and base is not None]
        if points:
            axes.scatter(*zip(*points, strict=True), label=label, color=colour)
    mean = sum(float(v) * float(b) for _, v, b, _ in rows if b) / sum(float(b) for _, _, b, _ in rows if b)
    axes.axhline(mean, color="grey", linewidth=1, label="medelvärde, vägt med elever")
    axes.set_xlabel("Elever i åk 9 vid enheten")
    axes.set_ylabel("Genomsnittligt meritvärde (17 ämnen)")
    axes.set_title(f"Spridning mellan skolenheter i {name} {rows[0][0]}")
    left_out = "Enheter vars uppgift är dold är inte med."
    figure.text(0.01, -0.04, f"{_SOURCE} {left_out}", size=8, color="grey")
    axes.legend(frameon=False)
    path = folder / "meritvarde_enheter.png"
    figure.savefig(path, dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return path


def _certified_by_need(
    connection: duckdb.DuckDBPyConnection, folder: Path, code: str, name: str
) -> Path | None:
    from matplotlib import pyplot as plt  # noqa: PLC0415

    rows = connection.execute(_NEED, [code, code]).fetchall()
    if not rows:
        return None
    figure, axes = plt.subplots(figsize=(8, 4))
    bars = axes.bar([row[0] for row in rows], [row[1] for row in rows], color="#1f4e79")
    axes.bar_label(bars, labels=[f"{row[1]:.1f}".replace(".", ",") for row in rows])
    axes.set_ylim(0, 100)
    axes.set_ylabel("Andel (%) av heltidstjänsterna")
    axes.set_title(f"Lärare med legitimation och behörighet efter behov, {name} {rows[0][2]}")
    axes.tick_params(axis="x", labelsize=8)
    figure.text(0.01, -0.04, _SOURCE, size=8, color="grey")
    path = folder / "behoriga_efter_behov.png"
    figure.savefig(path, dpi=110, bbox_inches="tight", metadata={"Software": None})
    plt.close(figure)
    return path
