"""What an expectation asks and what came of it, in Swedish: the words of a release's quality report.

The asset checks of Dagster say the same in English.
"""

from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict

from dagster_project.lib.expectations.suite import Expectation

_ASKED: Final = {
    "expect_table_row_count_to_be_between": "antalet rader är {limits}",
    "expect_table_row_count_to_equal": "antalet rader är {value}",
    "expect_table_columns_to_match_set": "tabellen har just sina {n_columns} kolumner",
    "expect_compound_columns_to_be_unique": "{listed} pekar tillsammans ut en enda rad",
    "expect_column_values_to_be_unique": "{column} pekar ut en enda rad",
    "expect_column_values_to_not_be_null": "{column} är ifylld i {rows}",
    "expect_column_values_to_be_null": "{column} är tom i {rows}",
    "expect_column_values_to_be_between": "{column} är {limits} i {rows}",
    "expect_column_values_to_be_in_set": "{column} är i {rows} något av {listed}",
    "expect_column_values_to_not_be_in_set": "{column} är i {rows} inget av {listed}",
    "expect_column_values_to_match_regex": "{column} skrivs i {rows} som {regex}",
    "expect_column_values_to_not_match_regex": "{column} skrivs inte i någon rad som {regex}",
    "expect_column_pair_values_a_to_be_greater_than_b": "{first} är {compared} {second} i {rows}",
    "expect_column_distinct_values_to_contain_set": "{column} har alla värdena {listed}",
    "expect_column_unique_value_count_to_be_between": "antalet olika värden i {column} är {limits}",
    "expect_column_proportion_of_non_null_values_to_be_between": (
        "andelen rader där {column} är ifylld är {limits}"
    ),
    "expect_column_mean_to_be_between": "medelvärdet av {column} är {limits}",
}


class Told(NamedTuple):
    """One sentence in both languages."""

    english: str
    swedish: str


class InSwedish(BaseModel):
    """One result for the reader of the quality report.

    Attributes:
        requirement: what is asked of the data.
        observed: counts, sums, means; never a cell.
        why, how_to_resolve: as the suite's file says; none for an expectation that stops a release, which no
            report of a release can show.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    requirement: str
    observed: str
    why: str | None = None
    how_to_resolve: str | None = None


def in_swedish(expectation: Expectation, observed: Told) -> InSwedish:
    """A result in Swedish."""
    return InSwedish(
        requirement=requirement(expectation),
        observed=observed.swedish,
        why=expectation.why_sv,
        how_to_resolve=expectation.how_to_resolve_sv,
    )


def requirement(expectation: Expectation) -> str:
    """What ``expectation`` asks: table or column, limits, which rows, and what it compares with."""
    parts = [_asked(expectation.type, expectation.kwargs)]
    if expectation.where is not None:
        parts.append(f"där `{expectation.where}`")
    if expectation.query is not None:
        parts.append(f"enligt frågan `{expectation.query}`")
    if expectation.compares_with_last_release:
        parts.append("jämfört med tidigare utgåvor")
    return ", ".join(parts)


def _asked(kind: str, kwargs: dict[str, Any]) -> str:
    listed = (f"`{name}`" for name in kwargs.get("column_list", kwargs.get("value_set", ())))
    share = f"minst {_number(kwargs.get('mostly', 1) * 100)}\N{NO-BREAK SPACE}% av raderna"
    return _ASKED.get(kind, f"`{kind}` gäller").format(
        column=f"`{kwargs.get('column')}`",
        first=f"`{kwargs.get('column_A')}`",
        second=f"`{kwargs.get('column_B')}`",
        compared="minst lika stor som" if kwargs.get("or_equal") else "större än",
        listed=", ".join(listed),
        n_columns=len(kwargs.get("column_set", ())),
        regex=f"`{kwargs.get('regex')}`",
        value=_number(kwargs.get("value")),
        limits=_limits(kwargs),
        rows=share if "mostly" in kwargs else "varje rad",
    )


def _limits(kwargs: dict[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is not None and low == high:
        return _number(low)
    limits = []
    if low is not None:
        limits.append(f"{'större än' if kwargs.get('strict_min') else 'minst'} {_number(low)}")
    if high is not None:
        limits.append(f"{'mindre än' if kwargs.get('strict_max') else 'högst'} {_number(high)}")
    return " och ".join(limits)


def _number(value: Any) -> str:
    """As Swedes write it; a date stays as it is."""
    if not isinstance(value, int | float):
        return str(value)
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.10f}".rstrip("0").rstrip(".")
    return text.replace(",", "\N{NO-BREAK SPACE}").replace(".", ",")
