"""School years are written 2024/25 and start on 1 July."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagster_project.lib import school_year

YEARS = st.integers(min_value=1000, max_value=9998)


@pytest.mark.parametrize(
    ("year", "written"), [(2024, "2024/25"), (1999, "1999/00"), (2008, "2008/09"), (2099, "2099/00")]
)
def test_a_school_year_is_written_with_two_digits_of_its_spring(year, written):
    assert school_year.from_autumn(year) == written
    assert school_year.from_spring(year + 1) == written
    assert school_year.autumn(written) == year


@given(YEARS)
def test_autumn_undoes_from_autumn(year):
    assert school_year.autumn(school_year.from_autumn(year)) == year


@pytest.mark.parametrize(
    "text",
    ["2024/26", "2024/24", "2024-25", "2024/2025", "24/25", " 2024/25", "2024/25\n", "", "VT25", "2024/2５"],
)
def test_anything_else_is_no_school_year(text):
    with pytest.raises(ValueError, match="is not a school year"):
        school_year.autumn(text)


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (dt.date(2024, 6, 30), "2023/24"),
        (dt.date(2024, 7, 1), "2024/25"),
        (dt.date(2024, 12, 31), "2024/25"),
        (dt.date(2025, 1, 1), "2024/25"),
        (dt.date(2000, 2, 29), "1999/00"),
    ],
)
def test_a_day_belongs_to_the_school_year_that_started_in_july(day, written):
    assert school_year.of_date(day) == written


@given(st.dates(min_value=dt.date(1000, 7, 1), max_value=dt.date(9998, 12, 31)))
def test_every_day_lies_between_the_first_and_last_day_of_its_school_year(day):
    start = school_year.autumn(school_year.of_date(day))
    assert dt.date(start, 7, 1) <= day <= dt.date(start + 1, 6, 30)
