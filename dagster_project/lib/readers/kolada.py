"""Kolada's interface v3: indicators (KPI), municipality and unit data, units and comparison groups."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.readers.json_answers import load, require, require_list, require_objects, text_of
from dagster_project.lib.readers.result import Collector, ReadResult

_Row = tuple[list[Any], bool]
_KPI_KEYS: Final = ("id", "title", "description", "is_divided_by_gender", "has_ou_data")
_UNIT_KEYS: Final = ("id", "title", "municipality")


def read_kpis(answers: Sequence[Answer]) -> ReadResult:
    """The catalogue of indicators; one row per indicator.

    Raises:
        NotThisFileError, TruncatedError, WrongEncodingError: the answer is not such an answer.
        HeaderChangedError: a key is missing.
    """
    return _read("kolada_kpis", answers, lambda item, source: _item(item, _KPI_KEYS, source))


def read_units(answers: Sequence[Answer]) -> ReadResult:
    """Organisational units (OU); one row per unit. Errors as `read_kpis`."""
    return _read("kolada_units", answers, lambda item, source: _item(item, _UNIT_KEYS, source))


def read_municipality_data(answers: Sequence[Answer]) -> ReadResult:
    """One row per indicator, year, municipality and gender. Errors as `read_kpis`."""
    return _read(
        "kolada_municipality_data", answers, lambda item, source: _data(item, "municipality", source)
    )


def read_unit_data(answers: Sequence[Answer]) -> ReadResult:
    """One row per indicator, year, unit and gender. Errors as `read_kpis`."""
    return _read("kolada_unit_data", answers, lambda item, source: _data(item, "ou", source))


def read_municipality_groups(answers: Sequence[Answer]) -> ReadResult:
    """Comparison groups; one row per group and member. Errors as `read_kpis`."""
    return _read("kolada_municipality_groups", answers, _members)


def _read(
    table: str, answers: Sequence[Answer], rows_of: Callable[[dict[str, Any], str], Iterator[_Row]]
) -> ReadResult:
    """Rows of every item in the answers' ``values``; rows marked as deleted are rejected."""
    collector = Collector(table)
    for answer in answers:
        items = require_objects(load(answer), "values", answer.address)
        for item in items:
            collector.keys(item)
        rows = [row for item in items for row in rows_of(item, answer.address)]
        collector.delivered += len(rows)
        for position, (values, is_deleted) in enumerate(rows, start=1):
            if is_deleted:
                reason = "Kolada marks the row as deleted."
                collector.reject(answer.address, position, "deleted_at_source", reason)
                continue
            collector.add(answer.address, position, [text_of(value) for value in values])
    return collector.result()


def _is_deleted(holder: dict[str, Any]) -> bool:
    return holder.get("isdeleted") is True


def _item(item: dict[str, Any], keys: tuple[str, ...], source: str) -> Iterator[_Row]:
    yield [require(item, key, source) for key in keys], _is_deleted(item)


def _data(item: dict[str, Any], place: str, source: str) -> Iterator[_Row]:
    key = [require(item, name, source) for name in ("kpi", "period", place)]
    for value in require_objects(item, "values", source):
        measured = [require(value, name, source) for name in ("gender", "value", "status")]
        # Only groups of municipalities have a count of contributing members.
        yield [*key, *measured, value.get("count")], _is_deleted(item) or _is_deleted(value)


def _members(group: dict[str, Any], source: str) -> Iterator[_Row]:
    named = [require(group, key, source) for key in ("id", "title")]
    for member in require_list(group, "members", source):
        yield [*named, *_member(member, source)], _is_deleted(group)


def _member(member: Any, source: str) -> tuple[Any, Any]:
    """Code and name of a member: an object under one of two spellings of its keys, or the bare code."""
    if not isinstance(member, dict):
        return member, None
    prefix = "member_" if "member_id" in member else ""
    return require(member, f"{prefix}id", source), member.get(f"{prefix}title")
