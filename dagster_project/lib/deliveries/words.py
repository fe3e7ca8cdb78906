"""What templates and documentation say about a column, in Swedish."""

from collections.abc import Mapping
from typing import Final

from dagster_project.lib.deliveries.kinds import Column, ColumnType

TYPES_SV: Final[Mapping[ColumnType, str]] = {
    ColumnType.CIVIC_NUMBER: "personnummer",
    ColumnType.UNIT_CODE: "enhetskod",
    ColumnType.SCHOOL_YEAR: "läsår, till exempel 2025/26",
    ColumnType.DATE: "datum, till exempel 2025-08-19",
    ColumnType.INTEGER: "heltal",
    ColumnType.DECIMAL: "tal med decimalkomma",
    ColumnType.PERCENT: "procent, 80 för 80 %",
    ColumnType.MONEY: "kronor",
    ColumnType.YES_NO: "ja eller nej",
    ColumnType.CODE: "ett värde ur listan",
    ColumnType.TEXT: "text",
}


def limits_sv(column: Column) -> str:
    """Allowed values or bounds, empty where there are none."""
    if column.allowed:
        return ", ".join(column.allowed)
    if column.minimum is not None and column.maximum is not None:
        return f"{_number(column.minimum)} till {_number(column.maximum)}"
    return ""


def must_sv(column: Column) -> str:
    """Whether the cell has to be filled in."""
    return "ja" if column.required else "nej"


def _number(value: int) -> str:
    return f"{value:,}".replace(",", " ").replace("-", "−")
