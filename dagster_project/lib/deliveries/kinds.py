"""What a kind of delivery is: its columns, its key and who sends it. Everything else is made from this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

#: Name of the source in extracts and asset keys, and the prefix of the raw tables.
SOURCE = "deliveries"
TABLE_PREFIX = "delivery_"


class ColumnType(StrEnum):
    """How a cell is read; the template explains it to whoever fills it in."""

    CIVIC_NUMBER = "civic_number"
    UNIT_CODE = "unit_code"
    SCHOOL_YEAR = "school_year"
    DATE = "date"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    MONEY = "money"
    YES_NO = "yes_no"
    CODE = "code"
    TEXT = "text"


@dataclass(frozen=True)
class Column:
    """One column of a template.

    Attributes:
        name: column of the raw table; for a personal identity number that of its pseudonym.
        header_sv: header in the template.
        type: how a cell is read.
        description_sv: what to write, for the person who fills the template in.
        example: a cell as it may be written.
        required: an empty cell is an error.
        allowed: for codes: label in the template -> code in the raw table; a cell may hold either.
        minimum, maximum: bounds of a number, both allowed.
        pattern: what a text must look like as a whole, as a regular expression.
        most_letters: longest text.
    """

    name: str
    header_sv: str
    type: ColumnType
    description_sv: str
    example: str
    required: bool = True
    allowed: Mapping[str, str] = field(default_factory=dict)
    minimum: int | None = None
    maximum: int | None = None
    pattern: str | None = None
    most_letters: int = 200

    def __post_init__(self) -> None:
        if (self.type is ColumnType.CODE) != bool(self.allowed):
            raise ValueError(f"{self.name}: a code has allowed values, and nothing else has")


@dataclass(frozen=True)
class Kind:
    """One kind of delivery: a template, a raw table, a dataset.

    Attributes:
        name: dataset; the raw table is ``delivery_<name>``.
        title_sv: what the sender calls it.
        description_sv: what a row is and when it is sent.
        description: the same for the catalogue of assets.
        responsible_sv: the role that sends it.
        columns: in the template's order.
        key: columns that together name a row; two rows with one key and different content contradict
            each other.
        adds_municipality: the loader adds ``municipality_code``, that of the installation.
    """

    name: str
    title_sv: str
    description_sv: str
    description: str
    responsible_sv: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    adds_municipality: bool = False

    def __post_init__(self) -> None:
        names = [column.name for column in self.columns]
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            raise ValueError(f"{self.name}: a column stands twice, or the key is not among the columns")

    @cached_property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def raw_table(self) -> str:
        return TABLE_PREFIX + self.name

    @property
    def raw_columns(self) -> tuple[str, ...]:
        """Columns of the raw table, in order."""
        made = ("municipality_code",) if self.adds_municipality else ()
        return (*(column.name for column in self.columns), *made)

    @property
    def is_personal(self) -> bool:
        """Whether its rows are about single persons."""
        return any(column.type is ColumnType.CIVIC_NUMBER for column in self.columns)
