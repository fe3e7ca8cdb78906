"""How often and how much a source may be asked."""

import time
from collections.abc import Callable

from dagster_project.lib.errors import SourceUnavailableError


class RequestBudget:
    """Spaces requests evenly and stops a run that asks too much.

    Even spacing rather than a burst per window: PxWeb servers answer bursts with 429 although the count per
    window is kept. One budget belongs to one client in one process.
    """

    def __init__(
        self,
        *,
        calls: int | None,
        per_seconds: float = 1.0,
        max_total: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """``calls`` requests per ``per_seconds`` (None: no spacing), at most ``max_total`` in all.

        Raises:
            ValueError: a number that is not positive.
        """
        if max_total < 1 or per_seconds <= 0 or (calls is not None and calls < 1):
            raise ValueError("a request budget needs positive numbers")
        self._interval = 0.0 if calls is None else per_seconds / calls
        self._max_total = max_total
        self._clock = clock
        self._sleep = sleep
        self._next_at = clock()
        self.spent = 0

    def spend(self, source: str) -> None:
        """Wait for the next request's turn and count it; retries count too.

        Raises:
            SourceUnavailableError: the run's total is used up.
        """
        if self.spent >= self._max_total:
            raise SourceUnavailableError(
                source=source,
                rule="request_budget",
                message=f"the run has used all its {self._max_total} requests to this source",
                remedy="Check why so many were needed; if the list has grown, raise the budget.",
            )
        self.spent += 1
        now = self._clock()
        if now < self._next_at:
            self._sleep(self._next_at - now)
        self._next_at = max(now, self._next_at) + self._interval
