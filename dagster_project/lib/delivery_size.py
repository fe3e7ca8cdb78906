"""How many rows a delivery can have: what is far too small or too large cannot be what was asked for.

A plain CSV cut at a line end, an empty list and an export for one municipality all look sound by their form.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagster_project.lib.errors import NotThisFileError, SettingsError, TooManyRowsError, TruncatedError

_SEED = "seeds/thresholds/thr_delivery_size.csv"


@dataclass(frozen=True)
class DeliverySize:
    """Bounds of one raw table's deliveries, in rows of one period.

    Attributes:
        fewest: fewer than this is not the whole delivery.
        most: more than this is not this delivery; none where the reader has a bound of its own.
        least_percent_of_last: smallest share, in percent, of the rows that the same period had before.
    """

    fewest: int
    most: int | None
    least_percent_of_last: int

    def check(self, source: str, delivered: int, last: int | None) -> None:
        """Compare a delivery's rows with the bounds.

        Args:
            source: address, for messages.
            delivered: rows delivered.
            last: rows the same period had when it was last loaded; none if it never was.

        Raises:
            NotThisFileError: there is no row at all.
            TruncatedError: there are too few rows, or far fewer than last time.
            TooManyRowsError: there are too many.
        """
        if not delivered:
            raise NotThisFileError(
                source=source,
                rule="no_rows",
                message="there is no row in it",
                remedy="Open the address by hand; if it is empty there too, ask the publisher.",
            )
        if delivered < self.fewest:
            raise TruncatedError(
                source=source,
                rule="too_few_rows",
                message=f"there are {delivered} rows where at least {self.fewest} belong",
                remedy="Fetch the whole country again. If the publisher has really cut it down, lower "
                f"fewest_rows in {_SEED}.",
            )
        if last is not None and delivered * 100 < last * self.least_percent_of_last:
            raise TruncatedError(
                source=source,
                rule="far_fewer_rows",
                message=f"there are {delivered} rows where the last delivery of this period had {last}",
                remedy="Fetch it again and compare with the publisher's page. If the rows are really gone, "
                f"lower least_percent_of_last in {_SEED}.",
            )
        if self.most is not None and delivered > self.most:
            raise TooManyRowsError(
                source=source,
                rule="too_many_rows",
                message=f"there are {delivered} rows where at most {self.most} belong",
                remedy="Check that it is not several deliveries put together. If it has really grown, raise "
                f"most_rows in {_SEED}.",
            )


def read_sizes(path: Path) -> Mapping[str, DeliverySize]:
    """Bounds by raw table, from ``thr_delivery_size``.

    Raises:
        SettingsError: a bound is not a whole number.
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    try:
        return {
            row["raw_table"]: DeliverySize(
                fewest=int(row["fewest_rows"]),
                most=int(row["most_rows"]) if row["most_rows"] else None,
                least_percent_of_last=int(row["least_percent_of_last"]),
            )
            for row in rows
        }
    except ValueError as error:
        raise SettingsError(f"{_SEED}: a bound is not a whole number") from error
