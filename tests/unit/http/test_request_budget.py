"""Requests are spaced evenly and their number has an end."""

import pytest

from dagster_project.lib.errors import SourceUnavailableError
from dagster_project.lib.http.budget import RequestBudget


class Clock:
    """Time that passes only by waiting, or when told to."""

    def __init__(self) -> None:
        self.now = 100.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def test_ten_calls_per_ten_seconds_go_out_one_second_apart():
    clock = Clock()
    budget = RequestBudget(calls=10, per_seconds=10, max_total=100, clock=clock, sleep=clock.sleep)
    sent = []
    for _ in range(5):
        budget.spend("source")
        sent.append(clock.now)
    assert sent == [100, 101, 102, 103, 104]


def test_no_window_ever_holds_more_than_allowed_after_a_pause():
    clock = Clock()
    budget = RequestBudget(calls=10, per_seconds=10, max_total=100, clock=clock, sleep=clock.sleep)
    budget.spend("source")
    clock.now += 60
    sent = []
    for _ in range(30):
        budget.spend("source")
        sent.append(clock.now)
    assert all(later - earlier >= 10 for earlier, later in zip(sent, sent[10:], strict=False))


def test_a_slow_source_is_not_slowed_further():
    clock = Clock()
    budget = RequestBudget(calls=1, per_seconds=1, max_total=100, clock=clock, sleep=clock.sleep)
    for _ in range(5):
        budget.spend("source")
        clock.now += 3
    assert clock.waits == []


def test_without_a_pace_nothing_waits():
    clock = Clock()
    budget = RequestBudget(calls=None, max_total=100, clock=clock, sleep=clock.sleep)
    for _ in range(100):
        budget.spend("source")
    assert clock.waits == []


def test_one_request_too_many_is_refused_and_names_the_source():
    budget = RequestBudget(calls=None, max_total=2)
    budget.spend("kolada")
    budget.spend("kolada")
    with pytest.raises(SourceUnavailableError, match=r"kolada.*all its 2 requests"):
        budget.spend("kolada")
    assert budget.spent == 2


@pytest.mark.parametrize("wrong", [{"calls": 0}, {"calls": -1}, {"max_total": 0}, {"per_seconds": 0}])
def test_a_budget_that_allows_nothing_is_a_mistake(wrong):
    with pytest.raises(ValueError, match="positive"):
        RequestBudget(**{"calls": 1, "per_seconds": 1.0, "max_total": 1, **wrong})
