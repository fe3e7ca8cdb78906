"""What a run is doing, in plain words, from the events Dagster records."""

from types import TracebackType
from typing import Self

from dagster import DagsterEvent, DagsterEventType, EventLogEntry
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from dagster_project.commands.words import say

_STEPS = {
    "warehouse": "Build and test the warehouse",
    "candidate": "Write the candidate release",
    "gate": "Check the candidate against the expectations",
    "release": "Publish",
    "candidate_internal": "Write the candidate for the administration",
    "gate_internal": "Check the candidate for the administration",
    "release_internal": "Publish for the administration",
}
_SOURCES = {
    "siris": "SIRIS",
    "underlag_for_analys": "Underlag för analys",
    "planned_educations": "Planned Educations",
    "skolenhetsregistret": "Skolenhetsregistret",
    "kolada": "Kolada",
    "scb": "SCB",
    "ss12000": "SS 12000",
    "deliveries": "Deliveries",
}
_ENDINGS = {
    DagsterEventType.STEP_SUCCESS: "[green]done[/]",
    DagsterEventType.STEP_FAILURE: "[red]failed[/]",
    DagsterEventType.STEP_SKIPPED: "[dim]not needed or not possible[/]",
}


def in_words(step_key: str) -> str:
    """Name of a step for people: ``'siris__siris_costs'`` -> ``'Fetch and load SIRIS: costs'``."""
    if step_key in _STEPS:
        return _STEPS[step_key]
    source, _, table = step_key.partition("__")
    if source not in _SOURCES:
        return step_key.replace("_", " ")
    name = table.partition("_")[2].replace("_", " ")
    return f"Fetch and load {_SOURCES[source]}" + (f": {name}" if name else "")


class RunProgress:
    """Shows the steps of one run and keeps its events; a context manager, and a listener to Dagster's events.

    On a terminal: a bar with the step at work. Elsewhere (a log file, cron): one line per step.
    """

    def __init__(self, console: Console, steps: int) -> None:
        self.events: list[DagsterEvent] = []
        self._tables = 0
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("Start", total=steps)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def listen(self, entry: EventLogEntry) -> None:
        """Take one entry of Dagster's event log."""
        event = entry.dagster_event
        if event is None:
            return
        self.events.append(event)
        if event.step_key is None:
            return
        if event.event_type is DagsterEventType.STEP_START:
            self._tables = 0
            self._progress.update(self._task, description=in_words(event.step_key))
        elif event.event_type is DagsterEventType.ASSET_MATERIALIZATION:
            # One step builds all tables: the longest wait of a run is not left without a word.
            self._tables += 1
            if self._tables > 1:
                self._progress.update(
                    self._task, description=f"{in_words(event.step_key)}: {self._tables} tables"
                )
        elif event.event_type in _ENDINGS:
            self._progress.advance(self._task)
            is_failure = event.event_type is DagsterEventType.STEP_FAILURE
            if is_failure or not self._console.is_terminal:
                say(self._console, f"{in_words(event.step_key)}: {_ENDINGS[event.event_type]}")
