"""What was built into the demo municipality on purpose is found by the queries that stand in docs/demo.md."""

import re
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

from dagster_project.settings import PROJECT_ROOT

Rows = list[tuple[Any, ...]]
QUERIES = re.findall(
    r"```sql\n(.*?)```", (PROJECT_ROOT / "docs" / "demo.md").read_text(encoding="utf-8"), flags=re.DOTALL
)


@pytest.fixture(scope="module")
def answer(release) -> Callable[[str], Rows]:
    """Runs the documented query in which ``text`` stands; there is exactly one."""

    def answer(text: str) -> Rows:
        (query,) = [query for query in QUERIES if text in query]
        with duckdb.connect(release.warehouse, read_only=True) as connection:
            return connection.sql(query).fetchall()

    return answer


def test_every_documented_query_finds_something(release):
    assert len(QUERIES) >= 16
    with duckdb.connect(release.warehouse, read_only=True) as connection:
        assert [query for query in QUERIES if not connection.sql(query).fetchall()] == []


def test_absence_rises_at_one_unit_from_four_to_fourteen_per_cent(answer):
    by_month = dict(answer("unit_key = '99990022'"))
    before = [rate for month, rate in by_month.items() if str(month) < "2025-08"]
    assert 0.03 < sum(before) / len(before) < 0.05
    last = max(by_month)
    assert str(last) == "2026-11-01"
    assert 0.12 < by_month[last] < 0.16


def test_one_unit_reports_little_more_than_half_of_its_lessons(answer):
    ((unit, coverage),) = answer("< 0.7 *")
    assert unit == "99990013"
    assert 0.5 < coverage < 0.6


def test_eight_pupils_have_stayed_at_home_and_stand_in_the_list_of_signals(answer, release):
    assert answer("attended_minutes = 0") == [(8,)]
    with duckdb.connect(release.warehouse, read_only=True) as connection:
        ((listed,),) = connection.sql(
            """
            select count(distinct absent.person_key)
            from restricted.fct_pupil_attendance_month as absent
            semi join restricted.fct_absence_signal as signal on absent.person_key = signal.person_key
            where absent.month = date '2026-11-01' and absent.attended_minutes = 0
                and absent.invalid_absence_minutes > 0
            """
        ).fetchall()
    assert listed == 8


def test_certified_teachers_are_fewest_where_the_need_is_greatest(answer):
    share = dict(answer("certified_fte_share"))
    # Beside them one of two small units for anpassad grundskola, where one teacher is many per cent.
    assert {"99990003", "99990021"} <= set(sorted(share, key=share.__getitem__)[:3])


def test_three_principals_in_five_school_years_at_one_unit_alone(answer):
    assert answer("is_high_turnover") == [("99990012", 3)]


def test_the_teachers_that_human_resources_forgot_are_counted(answer):
    assert min(coverage for *_, coverage in answer("99990006")) < 0.5


def test_a_new_code_takes_over_where_the_old_one_ends(answer):
    assert [row[0::3] for row in sorted(answer("'99990008', '99990028'"))] == [
        ("99990008", False),
        ("99990028", True),
    ]


def test_six_protected_persons_count_and_are_in_no_list(answer, release):
    assert answer("is_protected") == [(6,)]
    with duckdb.connect(release.warehouse, read_only=True) as connection:
        ((listed,),) = connection.sql(
            """
            select count(*) from restricted.fct_absence_signal as signal
            semi join (select person_key from restricted.dim_pupil where is_protected) as protected
                on signal.person_key = protected.person_key
            """
        ).fetchall()
        told = connection.sql(
            "select * exclude (person_key, is_protected, is_made_up) from restricted.dim_pupil"
            " where is_protected"
        ).fetchall()
    assert listed == 0
    assert {value for row in told for value in row} == {"unknown", None}


def test_newly_arrived_pupils_are_concentrated_and_their_grades_rise_by_points_a_year(answer):
    assert {"99990003", "99990021"} <= {unit for unit, *_ in answer("'newly_arrived'")}
    by_year = {(arrived, year): points for year, arrived, points in answer("first_years")}
    assert by_year["2023/24", "2025/26"] - by_year["2023/24", "2023/24"] > 5


def test_late_grades_are_those_of_one_subject_at_one_school(answer):
    ((unit, count),) = answer("is_late")
    assert (unit, count > 10) == ("99990014", True)


def test_one_school_forecasts_far_above_what_its_pupils_get(answer):
    too_high = dict(answer("n_too_high"))
    assert max(too_high, key=too_high.__getitem__) == "99990023"
    assert too_high.pop("99990023") > 2 * max(too_high.values())


def test_one_unit_is_paid_sixty_five_per_cent_of_what_the_index_gives(answer):
    rows = answer("difference_kronor <> 0")
    assert {unit for unit, *_ in rows} == {"99990005"}
    assert all(paid == calculated * 65 // 100 for _, _, calculated, paid in rows)
