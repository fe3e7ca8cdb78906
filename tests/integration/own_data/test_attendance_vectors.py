"""Absence of pupils: who is judged, by what, and in which band."""

import json
import math

import pandas as pd
import pytest
from own_data_kit import VECTORS, seed, values

EXPECTED = json.loads((VECTORS / "absence_expected.json").read_text(encoding="utf-8"))
UNITS = (
    "select unit as unit_key, '9999' as municipality_code, null::varchar as area_key, true as is_made_up, "
    "true as is_current "
    "from (values ('A'), ('B')) as units(unit)"
)
PERSONS = (
    "select 'p' || lpad(n::varchar, 2, '0') as person_id_key, person_id_key as person_key "
    "from range(30) as numbers(n)"
)
PEOPLE = "select person_key, person_key in ('p29') as is_protected from ({})"


def months(rows: str) -> str:
    """Rows of (pupil, unit, start, end, offered, valid, invalid, reported) as a month's sums."""
    return (
        "select unit || '-lessons' as activity_id, pupil as student_key, unit as unit_key, "
        '"start"::date as start_date, "end"::date as end_date, 0 as attendance_sum, '
        "giltig_min::integer as valid_absence_sum, ogiltig_min::integer as invalid_absence_sum, "
        "0 as other_attendance_sum, reported::integer as reported_sum, offered_min::integer as offered_sum "
        f"from ({rows})"
    )


def vector() -> str:
    """The vector's spells; all that was offered was reported, but for the pupil nobody registered."""
    return months(
        "select *, case when giltig_min is not null then offered_min else 0 end as reported "
        f"from read_csv('{VECTORS / 'absence_input.csv'}')"
    )


def written(*rows: tuple[object, ...]) -> str:
    """Rows of (pupil, unit, year-month, offered, valid, invalid, reported[, last day])."""
    spelled = [
        (pupil, unit, f"{month}-01", f"{month}-{(*last_day, 28)[0]}", *minutes)
        for (pupil, unit, month, *minutes), last_day in ((row[:7], row[7:]) for row in rows)
    ]
    columns = 'pupil, unit, "start", "end", offered_min, giltig_min, ogiltig_min, reported'
    return months(values(columns, *spelled))


@pytest.fixture
def run(run_models):
    def run(rows: str, *models: str) -> pd.DataFrame:
        given = {
            "stg_ss12000__aggregated_attendance": rows,
            "int_persons__identified": PERSONS,
            "dim_unit": UNITS,
            "thr_absence": seed("thr_absence"),
        }
        if "fct_absence_signal" in models:
            given["dim_pupil"] = PEOPLE.format(PERSONS)
        return run_models(["int_own__attendance", "fct_pupil_attendance_month", *models], **given)

    return run


@pytest.fixture
def judged(run):
    return run(vector(), "fct_pupil_attendance_year").set_index(["entity_type", "person_key", "entity_key"])


class TestVector:
    def test_every_spell_has_the_status_and_the_rate_of_the_vector(self, judged):
        of_units = judged.loc["unit"]
        assert len(of_units) == len(EXPECTED["per_spell"])
        for row in EXPECTED["per_spell"]:
            found = of_units.loc[(row["pupil"], row["unit"])]
            assert found["status"] == row["status"], row
            if row["status"] in ("ok", "short_exposure"):
                assert found["absence_share"] == row["rate"], row
            elif not math.isnan(row["rate"]):
                pytest.fail(f"the vector has a rate for {row}")

    def test_units(self, run):
        found = run(vector(), "fct_pupil_attendance_year", "fct_unit_attendance_year").set_index("unit_key")
        for row in EXPECTED["per_unit"]:
            unit = found.loc[row["unit"]]
            absent = unit["valid_absence_minutes"] + unit["invalid_absence_minutes"]
            assert (
                unit["n_pupils"], unit["n_judged"], absent, unit["counted_offered_minutes"],
                unit["n_absent_10"], unit["n_absent_15"], unit["n_absent_20"], unit["n_absent_50"],
                unit["n_invalid_5"], unit["n_invalid_any"],
            ) == (
                row["spells"], row["n_ok"], row["ab"], row["off"],
                row["n10"], row["n15"], row["n20"], row["n50"],
                row["n_og5"], row["n_og_any"],
            ), row  # fmt: skip
            assert unit["value"] == pytest.approx(100 * row["absence_rate"], abs=1e-12)

    def test_the_municipality_counts_a_mover_once_with_all_units_pooled(self, run, judged):
        (found,) = run(vector(), "fct_pupil_attendance_year", "fct_municipality_attendance_year").to_dict(
            "records"
        )
        expected = EXPECTED["municipality"]
        assert {
            "n_ok": found["n_judged"],
            "ab": found["judged_absent_minutes"],
            "off": found["judged_offered_minutes"],
            "n10": found["n_absent_10"],
            "n15": found["n_absent_15"],
            "n20": found["n_absent_20"],
        } == {key: value for key, value in expected.items() if key != "note"}
        mover = judged.loc[("municipality", "p07", "9999")]
        assert (mover["absent_minutes"], mover["counted_offered_minutes"]) == (4000, 58000)
        assert not mover["is_absent_10"]


class TestMonths:
    def test_bands_count_from_and_with_and_are_decided_on_minutes(self, run):
        rows = written(
            ("p01", "A", "2026-09", 5800, 580, 0, 5800),
            ("p02", "A", "2026-09", 5800, 579, 0, 5800),
            ("p03", "A", "2026-09", 579, 579, 0, 579),
        )
        (unit,) = run(rows, "fct_unit_attendance_month").to_dict("records")
        assert (unit["n_pupils"], unit["n_judged"], unit["n_short_exposure"], unit["n_absent_10"]) == (
            3,
            2,
            1,
            1,
        )

    def test_what_nobody_reported_is_neither_presence_nor_absence(self, run):
        rows = written(
            ("p01", "A", "2026-09", 4000, 100, 100, 2000),
            ("p02", "A", "2026-09", 4000, 0, 0, 0),
        )
        (unit,) = run(rows, "fct_unit_attendance_month").to_dict("records")
        assert (unit["n_judged"], unit["n_missing"]) == (1, 1)
        assert (unit["offered_minutes"], unit["reported_minutes"]) == (8000, 2000)
        assert unit["value"] == pytest.approx(10.0)
        assert unit["coverage"] == pytest.approx(0.25)
        assert not unit["is_coverage_sufficient"]

    def test_a_system_that_does_not_say_what_was_reported_is_believed(self, run):
        (unit,) = run(
            written(("p01", "A", "2026-09", 4000, 400, 0, None)), "fct_unit_attendance_month"
        ).to_dict("records")
        assert unit["value"] == pytest.approx(10.0)
        assert pd.isna(unit["coverage"])

    @pytest.mark.parametrize(
        ("minutes", "status"),
        [
            ((0, 0, 0, 0), "undefined"),
            ((4000, None, None, 4000), "missing"),
            ((4000, 0, None, 4000), "missing"),
        ],
    )
    def test_no_schedule_is_undefined_and_nothing_registered_is_missing(self, run, minutes, status):
        (unit,) = run(written(("p01", "A", "2026-09", *minutes)), "fct_unit_attendance_month").to_dict(
            "records"
        )
        assert unit["status"] == status
        assert pd.isna(unit["value"])

    def test_the_order_of_rows_changes_nothing(self, run):
        rows = [
            (f"p{n:02d}", "A" if n % 2 else "B", "2026-09", 4000, 37 * n, 11 * n, 4000) for n in range(1, 20)
        ]
        first = run(written(*rows), "fct_unit_attendance_month")
        second = run(written(*reversed(rows)), "fct_unit_attendance_month")
        pd.testing.assert_frame_equal(
            *(f.sort_values("unit_key", ignore_index=True) for f in (first, second))
        )


class TestSignals:
    @pytest.fixture
    def signals(self, run):
        def found(*rows: tuple[object, ...]) -> dict[tuple[str, str], str]:
            signals = run(written(*rows), "fct_absence_signal")
            return {
                (row["person_key"], row["signal"], f"{row['month']:%Y-%m}"): row["reason_sv"]
                for row in signals.to_dict("records")
            }

        return found

    def test_rising_needs_a_high_month_well_above_the_two_before(self, signals):
        quiet = [
            (pupil, "A", month, 5000, 500, 0, 5000)
            for pupil in ("p01", "p02")
            for month in ("2026-01", "2026-02")
        ]
        assert signals(
            *quiet,
            ("p01", "A", "2026-03", 5000, 1500, 0, 5000),
            ("p02", "A", "2026-03", 5000, 1499, 0, 5000),
        ) == {
            ("p01", "rising", "2026-03"): (
                "Frånvaron i mars 2026 var 30 procent av den erbjudna tiden, "
                "mot 10 procent de två månaderna före."
            )
        }

    def test_high_all_along_is_not_rising(self, signals):
        rows = [("p01", "A", f"2026-0{month}", 5000, 2500, 0, 5000) for month in (1, 2, 3)]
        assert signals(*rows) == {}

    def test_two_months_before_are_needed(self, signals):
        assert signals(("p01", "A", "2026-03", 5000, 2500, 0, 5000)) == {}

    def test_long_counts_the_days_of_months_without_a_lesson_attended(self, signals):
        assert signals(
            ("p01", "A", "2026-02", 5000, 4800, 200, 5000),
            ("p02", "A", "2026-02", 5000, 4749, 0, 5000),
        ) == {("p01", "long", "2026-02"): "Helt frånvarande från 2026-02-01 till 2026-02-28."}

    def test_long_counts_the_month_before_by_its_share_when_that_is_half_or_more(self, signals):
        found = signals(
            ("p01", "A", "2026-01", 5000, 2500, 0, 5000),
            ("p02", "A", "2026-01", 5000, 2499, 0, 5000),
            ("p03", "A", "2025-12", 5000, 4500, 0, 5000),
            *[(pupil, "A", "2026-02", 2000, 2000, 0, 2000, 10) for pupil in ("p01", "p02", "p03")],
        )
        assert {key: reason for key, reason in found.items() if key[1] == "long"} == {
            ("p01", "long", "2026-02"): (
                "Helt frånvarande från 2026-02-01 till 2026-02-10, och 50 procent av tiden i januari 2026."
            )
        }

    def test_early_speaks_of_the_first_months_only(self, signals):
        rows = [("p01", "A", f"2026-{month:02d}", 3000, 900, 0, 3000) for month in (8, 9, 10)]
        assert {key[1:] for key in signals(*rows)} == {("early", "2026-08"), ("early", "2026-09")}

    def test_a_protected_person_is_in_no_list(self, signals):
        assert signals(("p29", "A", "2026-02", 5000, 5000, 0, 5000)) == {}

    def test_little_time_offered_signals_nothing(self, signals):
        assert signals(("p01", "A", "2026-02", 579, 579, 0, 579)) == {}
