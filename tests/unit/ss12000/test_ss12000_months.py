"""Which months of summed attendance are asked for."""

import datetime as dt

import pytest

from dagster_project.lib.ss12000.months import looks_back, months, to_ask_for, usual_first_day

FRIDAY = dt.date(2026, 11, 20)
KNOWN = months(dt.date(2025, 7, 1), FRIDAY)


def asked(loaded: list[str], today: dt.date = FRIDAY, looked_back_at: dt.date | None = FRIDAY) -> list[str]:
    found = to_ask_for(KNOWN, loaded=loaded, today=today, looked_back_at=looked_back_at, months_back=12)
    return [month.period for month in found]


def test_months_run_from_the_first_day_to_yesterday():
    assert [(m.first.isoformat(), m.last.isoformat()) for m in months(dt.date(2026, 9, 15), FRIDAY)] == [
        ("2026-09-15", "2026-09-30"),
        ("2026-10-01", "2026-10-31"),
        ("2026-11-01", "2026-11-19"),
    ]


def test_on_the_first_of_a_month_the_month_has_no_day_yet():
    assert [m.period for m in months(dt.date(2026, 10, 1), dt.date(2026, 11, 1))] == ["2026-10"]
    assert [m.period for m in months(dt.date(2026, 12, 31), dt.date(2027, 1, 2))] == ["2026-12", "2027-01"]


def test_a_leap_day_is_a_day():
    assert months(dt.date(2028, 2, 1), dt.date(2028, 3, 1))[0].last == dt.date(2028, 2, 29)


def test_the_first_time_every_month_is_asked_for():
    assert asked([], looked_back_at=None) == [month.period for month in KNOWN]


def test_within_a_week_only_the_last_two():
    assert asked([month.period for month in KNOWN]) == ["2026-10", "2026-11"]


def test_a_month_that_is_missing_is_asked_for_again():
    loaded = [month.period for month in KNOWN if month.period != "2025-09"]
    assert asked(loaded) == ["2025-09", "2026-10", "2026-11"]


@pytest.mark.parametrize("today", [dt.date(2026, 11, 23), dt.date(2026, 11, 25)])
def test_the_first_run_of_a_week_looks_a_year_back_whichever_day_it_is(today):
    loaded = [month.period for month in KNOWN]
    assert asked(loaded, today=today) == loaded[-12:]


def test_a_week_is_a_week_across_new_year():
    assert not looks_back(dt.date(2027, 1, 1), dt.date(2026, 12, 28))
    assert looks_back(dt.date(2027, 1, 4), dt.date(2026, 12, 28))
    assert looks_back(dt.date(2027, 11, 22), dt.date(2026, 11, 22))


def test_three_school_years_back_from_the_present_one():
    assert usual_first_day(dt.date(2026, 11, 20)) == dt.date(2023, 7, 1)
    assert usual_first_day(dt.date(2027, 6, 30)) == dt.date(2023, 7, 1)
    assert usual_first_day(dt.date(2027, 7, 1)) == dt.date(2024, 7, 1)
