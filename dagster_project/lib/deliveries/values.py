"""One cell at a time: text as delivered to the normalised text of the raw table, or the rule it breaks."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from dagster_project.lib.deliveries.kinds import Column, ColumnType
from dagster_project.lib.pseudonyms import contains_personal_number
from dagster_project.lib.readers.result import UNPRINTABLE

_DASHES: Final = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))
_FORMULA: Final = re.compile(r"[=+\-@|]")
_SPREADSHEET_ERROR: Final = re.compile(
    r"#(?:N/A|VALUE!|REF!|DIV/0!|NUM!|NAME\?|NULL!|SAKNAS!|VÄRDEFEL!|REFERENS!|DIVISION/0!|OGILTIGT!|NAMN\?|"
    r"SKÄRNING!|GETTING_DATA|SPILL!|CALC!)"
)
_SCIENTIFIC: Final = re.compile(r"\d+(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)
# A spreadsheet drops leading zeros: 0503152384 becomes nine digits.
_SHORTENED: Final = (7, 8, 9, 11)
_UNIT_CODE: Final = re.compile(r"[0-9A-Za-zÅÄÖåäö][0-9A-Za-zÅÄÖåäö._/-]{0,31}")
_SCHOOL_YEAR: Final = re.compile(r"(\d{4})[/-](\d{2}|\d{4})", re.ASCII)
_ISO_DATE: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:T00:00:00)?", re.ASCII)
_SERIAL_DATE: Final = re.compile(r"\d{5}", re.ASCII)
_SERIAL_START: Final = dt.date(1899, 12, 30)
_SERIALS: Final = range(14_000, 73_000)  # 1938 to 2099

# One separator at most, and spaces only between groups of three.
_PLAIN_NUMBER: Final = re.compile(r"-?(?:\d{1,3}(?: \d{3})+|\d{1,15})(?:[.,]\d{1,20})?", re.ASCII)
_POINT_GROUPS: Final = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII)
_COMMA_GROUPS: Final = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_ONE_GROUP: Final = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)

_YES_NO: Final = {
    **dict.fromkeys(("ja", "j", "sant", "true", "1", "x"), "true"),
    **dict.fromkeys(("nej", "n", "falskt", "false", "0"), "false"),
}


class BrokenRuleError(Exception):
    """A cell breaks a rule; the only argument is the rule's name, never the cell."""

    @property
    def rule(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Judged:
    """A cell after judgement: the normalised text (none for empty), or the rule it breaks."""

    value: str | None
    rule: str | None = None


@dataclass(frozen=True)
class Judge:
    """Reads cells of one file.

    Attributes:
        pseudonym_of: personal identity number -> pseudonym; none where it is no such number.
        in_workbook: cells come out of a workbook, where a date may be a bare serial number.
    """

    pseudonym_of: Callable[[str], str | None]
    in_workbook: bool

    def judge(self, column: Column, cell: str | None) -> Judged:
        """What ``cell`` of ``column`` holds. The same cell always gets the same answer."""
        text = tidy(cell or "")
        try:
            return Judged(self._value(column, text))
        except BrokenRuleError as broken:
            return Judged(None, broken.rule)

    def _value(self, column: Column, text: str) -> str | None:
        if not text:
            if column.required:
                raise BrokenRuleError("empty")
            return None
        if UNPRINTABLE.search(text):
            raise BrokenRuleError("unprintable")
        if _SPREADSHEET_ERROR.match(text):
            raise BrokenRuleError("spreadsheet_error")
        if column.type is ColumnType.CIVIC_NUMBER:
            return self._pseudonym(text)
        if contains_personal_number(text):
            raise BrokenRuleError("personal_number")
        if column.type is ColumnType.DATE:
            return _date(text, is_serial_allowed=self.in_workbook)
        return _READERS[column.type](column, text)

    def _pseudonym(self, text: str) -> str:
        number = text.translate(_DASHES)
        pseudonym = self.pseudonym_of(number)
        if pseudonym is not None:
            return pseudonym
        is_shortened = (number.isdecimal() and len(number) in _SHORTENED) or _SCIENTIFIC.fullmatch(number)
        raise BrokenRuleError("shortened_number" if is_shortened else "civic_number")


def tidy(cell: str) -> str:
    """Composed letters, plain spaces, none around and one between words."""
    return unicodedata.normalize("NFC", " ".join(cell.replace("\ufeff", "").split()))


def value_class(cell: str | None) -> str:
    """What sort of thing a cell holds, for the sender's report; never anything of the cell itself."""
    text = tidy(cell or "")
    if not text:
        return "tom"
    if _ISO_DATE.fullmatch(text) and not text.isdecimal():
        return "datum"
    if text.lstrip("-").isdecimal():
        return "siffror"
    if _PLAIN_NUMBER.fullmatch(text):
        return "tal"
    return "text med siffror" if any(map(str.isdecimal, text)) else "text"


def _school_year(column: Column, text: str) -> str:
    match = _SCHOOL_YEAR.fullmatch(text.translate(_DASHES).replace(" ", ""))
    if match is None:
        raise BrokenRuleError("school_year")
    first, second = match[1], match[2]
    following = f"{int(first) + 1:04d}"
    if second not in (following, following[2:]) or not 1990 <= int(first) <= 2100:
        raise BrokenRuleError("school_year")
    return f"{first}/{following[2:]}"


def _date(text: str, *, is_serial_allowed: bool) -> str:
    if is_serial_allowed and _SERIAL_DATE.fullmatch(text) and int(text) in _SERIALS:
        return (_SERIAL_START + dt.timedelta(days=int(text))).isoformat()
    match = _ISO_DATE.fullmatch(text.translate(_DASHES))
    if match is None:
        raise BrokenRuleError("date")
    try:
        day = dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError as error:
        raise BrokenRuleError("date") from error
    if not 1900 <= day.year <= 2100:
        raise BrokenRuleError("date")
    return day.isoformat()


def _number(column: Column, text: str, *, rule: str) -> Decimal:
    plain = re.sub(r"- (?=\d)", "-", text.translate(_DASHES))
    is_money_or_count = column.type in (ColumnType.MONEY, ColumnType.INTEGER)
    if is_money_or_count and _ONE_GROUP.fullmatch(plain):
        raise BrokenRuleError("ambiguous_number")
    if _PLAIN_NUMBER.fullmatch(plain):
        plain = plain.replace(" ", "").replace(",", ".")
    elif _POINT_GROUPS.fullmatch(plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif _COMMA_GROUPS.fullmatch(plain):
        plain = plain.replace(",", "")
    else:
        raise BrokenRuleError(rule)
    number = Decimal(plain)
    if (column.minimum is not None and number < column.minimum) or (
        column.maximum is not None and number > column.maximum
    ):
        raise BrokenRuleError("out_of_range")
    return number


def _integer(column: Column, text: str) -> str:
    number = _number(column, text, rule="integer")
    if number != number.to_integral_value():
        raise BrokenRuleError("integer")
    return str(int(number))


def _decimal(column: Column, text: str) -> str:
    return f"{_number(column, text, rule='number'):f}"


def _percent(column: Column, text: str) -> str:
    number = _number(column, text.removesuffix("%").rstrip(), rule="number")
    # Excel keeps 80 % as 0.8; nobody is employed for less than one per cent.
    if 0 < number <= 1:
        raise BrokenRuleError("share_not_percent")
    return f"{number:f}"


def _money(column: Column, text: str) -> str:
    return f"{_number(column, text.removesuffix('kr').rstrip(), rule='number'):f}"


def _yes_no(column: Column, text: str) -> str:
    answer = _YES_NO.get(text.casefold())
    if answer is None:
        raise BrokenRuleError("yes_no")
    return answer


def _code(column: Column, text: str) -> str:
    code = codes_of(column).get(text.casefold())
    if code is None:
        raise BrokenRuleError("not_allowed")
    return code


def codes_of(column: Column) -> Mapping[str, str]:
    """What a cell of a code column may hold, in small letters -> code: labels and codes."""
    return {label.casefold(): code for label, code in column.allowed.items()} | {
        code: code for code in column.allowed.values()
    }


def _unit_code(column: Column, text: str) -> str:
    if not _UNIT_CODE.fullmatch(text.translate(_DASHES)):
        raise BrokenRuleError("unit_code")
    return text.translate(_DASHES)


def _text(column: Column, text: str) -> str:
    if _FORMULA.match(text):
        raise BrokenRuleError("formula")
    if len(text) > column.most_letters:
        raise BrokenRuleError("too_long")
    if column.pattern is not None and not re.fullmatch(column.pattern, text):
        raise BrokenRuleError("pattern")
    return text


_READERS: Final[Mapping[ColumnType, Callable[[Column, str], str]]] = {
    ColumnType.UNIT_CODE: _unit_code,
    ColumnType.SCHOOL_YEAR: _school_year,
    ColumnType.INTEGER: _integer,
    ColumnType.DECIMAL: _decimal,
    ColumnType.PERCENT: _percent,
    ColumnType.MONEY: _money,
    ColumnType.YES_NO: _yes_no,
    ColumnType.CODE: _code,
    ColumnType.TEXT: _text,
}
