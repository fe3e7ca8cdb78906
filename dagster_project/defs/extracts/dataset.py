"""What an extract is, once: a dataset of a source, fetched period by period into one raw table."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dagster_project.defs.extracts.session import Session
from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import DeliveryProblem, NotThisFileError
from dagster_project.lib.sources.source import Collected


@dataclass(frozen=True)
class Delivery:
    """What one period brought: answers, or the reason why there are none.

    Attributes:
        period: a year of the source's own reckoning, or ``all``.
        answers: as received; empty when ``problem`` is set.
        problem: why the period could not be fetched; a ``NotPublishedError`` where the source has no such
            period (yet).
        absent: names asked for that the source does not publish.
    """

    period: str
    answers: Sequence[Answer] = ()
    problem: DeliveryProblem | None = None
    absent: Sequence[str] = ()


Fetch = Callable[[Session], Iterator[Delivery]]


@dataclass(frozen=True)
class Dataset:
    """One dataset of one source.

    Attributes:
        source: name of the source, also its dbt source name.
        name: name of the dataset within the source.
        raw_table: table in schema ``raw`` that it is loaded into.
        description: what it holds, in one or two sentences.
        fetch: yields one delivery per period.
        left_out_when_recorded: why a recorded run leaves it out; none when it does not.
    """

    source: str
    name: str
    raw_table: str
    description: str
    fetch: Fetch
    left_out_when_recorded: str | None = None


def one_period(period: str, ask: Callable[[], Sequence[Answer]]) -> Delivery:
    """Delivery of ``period``. One that cannot be fetched has a problem: the other periods go on."""
    try:
        return Delivery(period, answers=ask())
    except DeliveryProblem as problem:
        return Delivery(period, problem=problem)


def one_by_one(period: str, source: str, ask: Callable[[], Collected]) -> Delivery:
    """Delivery of ``period`` made of an answer per unit. A list that names no unit at all is a problem."""
    try:
        collected = ask()
    except DeliveryProblem as problem:
        return Delivery(period, problem=problem)
    if not collected.answers:
        nothing = NotThisFileError(
            source=source,
            rule="nothing_listed",
            message="the source lists no school unit at all, so that there is none to ask for",
            remedy="Open the list in a browser: the source may be under maintenance or have a new version.",
        )
        return Delivery(period, problem=nothing, absent=collected.absent)
    return Delivery(period, collected.answers, absent=collected.absent)


def years_to_ask_for(first_year: int, today: dt.date | None = None) -> range:
    """Calendar years from ``first_year`` to this one."""
    return range(first_year, (today or dt.datetime.now(dt.UTC).date()).year + 1)
