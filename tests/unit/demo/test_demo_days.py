"""A later day is the earlier one plus a day's changes, and whoever asks for changes gets them all."""

import datetime as dt
from collections.abc import Iterator

import orjson
import pytest

import demo
from demo.calendar import instant
from demo.municipality import Municipality

Changes = tuple[dict[str, bytes], dict[str, bytes]]


def _both(before: Municipality, after: Municipality) -> Iterator[tuple[str, Changes]]:
    for name, entities in before.endpoints.items():
        later = after.endpoints[name]
        yield (
            name,
            (
                dict(zip(entities.ids, entities.bodies, strict=True)),
                dict(zip(later.ids, later.bodies, strict=True)),
            ),
        )


def test_a_day_brings_every_kind_of_change(municipality: Municipality, next_day: Municipality) -> None:
    changes = dict(_both(municipality, next_day))
    changed = {
        name: sum(old[key] != new[key] for key in old.keys() & new.keys())
        for name, (old, new) in changes.items()
    }
    new = {name: len(new.keys() - old.keys()) for name, (old, new) in changes.items()}
    assert changed["grades"] == 4
    assert changed["persons"] == 1
    assert changed["groups"] == 2
    assert new["attendanceEvents"] > 500
    assert new["absences"] == 6
    assert changed["activities"] == changed["organisations"] == new["grades"] == 0


def test_a_day_is_a_small_part_of_the_whole(municipality: Municipality, next_day: Municipality) -> None:
    total = sum(len(entities) for entities in municipality.endpoints.values())
    touched = sum(
        sum(old.get(key) != body for key, body in new.items())
        for _, (old, new) in _both(municipality, next_day)
    )
    assert 0 < touched < total / 100


@pytest.mark.parametrize("offset", [1, 20])
def test_whoever_asks_for_changes_since_the_day_before_gets_them_all(
    municipality: Municipality, offset: int
) -> None:
    day = municipality.as_of + dt.timedelta(days=offset)
    before, after = demo.generate(as_of=day), demo.generate(as_of=day + dt.timedelta(days=1))
    asked_at, answered_at = instant(day, 5, 15), instant(day + dt.timedelta(days=1), 5, 15)
    for name, (old, new) in _both(before, after):
        times = dict(zip(after.endpoints[name].ids, after.endpoints[name].modified, strict=True))
        for key, body in new.items():
            if old.get(key) != body:
                assert asked_at < times[key] <= answered_at, (name, orjson.loads(body))


def test_what_disappears_is_told(municipality: Municipality, next_day: Municipality) -> None:
    gone = {key for _, (old, new) in _both(municipality, next_day) for key in old.keys() - new.keys()}
    told = set(next_day.deletions) - set(municipality.deletions)
    assert len(gone) == 1
    assert {deletion.identity for deletion in told} == gone
    assert all(deletion.deleted_at > instant(municipality.as_of, 5, 15) for deletion in told)


def test_yesterday_is_reported_and_a_past_month_put_right(
    municipality: Municipality, next_day: Municipality
) -> None:
    assert municipality.attendance.last_day < next_day.attendance.last_day == municipality.as_of
    touched = []
    for year, month in [(2025, month) for month in (11, 12)] + [(2026, month) for month in range(1, 11)]:
        first, last = dt.date(year, month, 1), dt.date(year, month, 28)
        before, after = municipality.attendance.sums(first, last), next_day.attendance.sums(first, last)
        assert (before.valid + before.invalid == after.valid + after.invalid).all()
        if (before.invalid != after.invalid).any():
            touched.append((year, month))
    assert 1 <= len(touched) <= 3
    this_month = (dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    assert (
        next_day.attendance.sums(*this_month).offered.sum()
        > municipality.attendance.sums(*this_month).offered.sum()
    )
