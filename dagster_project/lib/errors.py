"""Exceptions of this project: each names what is wrong, where, by which rule, and what to do.

The message is written for the person who can act on it: a municipal data officer or the engineer on duty.
No message carries a value out of a delivery: a rejected cell is named by its place, never by its content.
"""

from dataclasses import dataclass


class EquityError(Exception):
    """Root of every error this project raises on purpose."""


@dataclass
class DeliveryProblem(EquityError):  # noqa: N818 - also listed as a finding, not only raised
    """A delivered file or answer that cannot be used as a whole.

    Attributes:
        source: file name or address as the sender knows it.
        rule: the rule that was broken, as a short identifier (``header_changed``).
        message: what was found, in one sentence.
        remedy: what the sender or the officer on duty should do.
        row: 1-based line in the file, when one line is to blame.
        column: the column's header as delivered, when one column is to blame.
    """

    source: str
    rule: str
    message: str
    remedy: str
    row: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        place = self.source
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", column {self.column!r}"
        return f"{place}: {self.message} (rule {self.rule}). {self.remedy}"


class WrongEncodingError(DeliveryProblem):
    """The bytes are not in the encoding that this kind of file is published in."""


class TruncatedError(DeliveryProblem):
    """The file ends before it should."""


class NotThisFileError(DeliveryProblem):
    """Something else was delivered in its place: an error page, another report, an empty file."""


class HeaderChangedError(DeliveryProblem):
    """A column is missing, renamed or delivered twice, or the header row is not found."""


class TooManyRowsError(DeliveryProblem):
    """Far more rows than this kind of file can hold."""


class SourceUnavailableError(DeliveryProblem):
    """A source did not answer, or not with what was asked for, within the bounded number of tries."""


class PageLedgerError(DeliveryProblem):
    """The pages of an answer do not add up: one is missing, short or repeated."""


class WithdrawalRefusedError(EquityError):
    """A delivery cannot be taken back, or not with these words."""


class WarehouseBusyError(EquityError):
    """Another process holds the warehouse file."""


class WarehouseBuildError(EquityError):
    """dbt could not build the warehouse, or a test of the build failed; one sentence for each."""


class ReleaseRefusedError(EquityError):
    """The gate did not let a candidate through; the current release stands."""


class ReleaseHeldError(ReleaseRefusedError):
    """Published figures would change, so a person has to look first; the current release stands."""


class ReleaseNotFoundError(EquityError):
    """No release with that id."""


class SettingsError(EquityError):
    """A setting has a value this project does not know."""


class StorageFailedError(EquityError):
    """The disk did not take what was to be written; nothing half-written is kept."""
