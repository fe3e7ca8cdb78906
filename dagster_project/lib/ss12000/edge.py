"""The edge: entities come in, rows of raw tables go out, and who somebody is stays outside.

Only attributes of the whitelist (`tables`) are looked at. Persons become pseudonyms. An identity number makes
the text disappear that it stands in; in an id it sets the row aside.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from dagster_project.lib.pseudonyms import Pseudonymiser, contains_personal_number
from dagster_project.lib.readers.result import UNPRINTABLE
from dagster_project.lib.ss12000.tables import As, Field, Table

_UUID_LENGTH: Final = 36
_SHORTEST_NUMBER: Final = 10
# Most of the texts long enough to hold a number; told at a tenth of the cost of searching them for one.
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]{5,18}(?:Z|[+-]\d\d:?\d\d)?)?", re.ASCII)
_Value = Callable[[Any], str | None]


class _BadEntityError(Exception):
    """An entity, or a part of it, that cannot be a row; carries no content."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(rule)
        self.rule, self.reason = rule, reason


class Row(NamedTuple):
    """One delivered row.

    Attributes:
        number: 1-based place among the rows of its table in the extract.
        entity: 1-based place of its entity in the extract.
        values: one per column of the table; none of them when the row is set aside.
        rule, reason: why it is set aside.
    """

    number: int
    entity: int
    values: Sequence[str | None] = ()
    rule: str | None = None
    reason: str | None = None


@dataclass
class Projection:
    """Rows of one raw table out of entities, page by page.

    Attributes:
        table: the raw table.
        blanked: cells that were blanked because an identity number stood in them, by column.
    """

    table: Table
    pseudonymiser: Pseudonymiser
    blanked: dict[str, int] = field(default_factory=dict)
    _entities: int = 0
    _rows: int = 0

    def __post_init__(self) -> None:
        self._getters = [(_path(one), self._converter(one), one) for one in self.table.fields]

    def rows(self, entities: Sequence[Any]) -> Iterator[Row]:
        """Rows of the next page's entities, in order."""
        elements = self.table.elements
        for entity in entities:
            self._entities += 1
            if elements is None:
                yield self._row(entity, entity)
                continue
            found = entity.get(elements) if isinstance(entity, dict) else None
            if found is None:
                continue
            for element in found if isinstance(found, list) else [found]:
                yield self._row(entity, element)

    def _row(self, entity: Any, element: Any) -> Row:
        self._rows += 1
        if not isinstance(entity, dict) or not isinstance(element, dict):
            return Row(self._rows, self._entities, rule="wrong_type", reason="It is not an object.")
        try:
            values = [
                convert(find(entity if one.of_entity else element)) for find, convert, one in self._getters
            ]
        except _BadEntityError as bad:
            return Row(self._rows, self._entities, rule=bad.rule, reason=bad.reason)
        return Row(self._rows, self._entities, values)

    def _converter(self, one: Field) -> _Value:
        match one.kind:
            case As.PERSON:
                convert = self._person(one)
            case As.CIVIC_NUMBER:
                convert = self._civic_number(one)
            case As.LIST:
                convert = _listed(one)
            case As.MONTH:
                convert = _month(one)
            case As.IS_FILLED:
                convert = _is_filled
            case As.TEXT:
                convert = _identity(one) if one.path[-1] == "id" else self._scanned(one)
        return _required(one, convert) if one.is_required else convert

    def _person(self, one: Field) -> _Value:
        read, pseudonym = _identity(one, may_be_number=True), self.pseudonymiser.of_person_id

        def convert(value: Any) -> str | None:
            text = read(value)
            return None if text is None else pseudonym(text)

        return convert

    def _civic_number(self, one: Field) -> _Value:
        read, pseudonym = _text(one), self.pseudonymiser.of_civic_number

        def convert(value: Any) -> str | None:
            text = read(value)
            return None if text is None else pseudonym(text)

        return convert

    def _scanned(self, one: Field) -> _Value:
        read = _text(one)

        def convert(value: Any) -> str | None:
            text = read(value)
            if text is None or len(text) < _SHORTEST_NUMBER or _DATE.fullmatch(text):
                return text
            if contains_personal_number(text):
                self.blanked[one.column] = self.blanked.get(one.column, 0) + 1
                return None
            return text

        return convert


def _path(one: Field) -> Callable[[Any], Any]:
    """What stands at the field's path, else at its other path; lists on the way give a list."""
    if one.other_path is not None:
        first = _path(replace(one, other_path=None))
        second = _path(replace(one, path=one.other_path, other_path=None))
        return lambda holder: second(holder) if (found := first(holder)) is None else found
    if len(one.path) == 1:
        (name,) = one.path
        return lambda holder: holder.get(name)
    if len(one.path) == 2 and one.kind is not As.LIST:
        return _reference(one)

    def find(holder: Any) -> Any:
        found = holder
        for position, name in enumerate(one.path):
            if found is None:
                return None
            if isinstance(found, list) and one.kind is As.LIST:
                below = one.path[position:]
                return [_below(item, below, one) for item in found]
            if not isinstance(found, dict):
                raise _wrong_type(one)
            found = found.get(name)
        return found

    return find


def _reference(one: Field) -> Callable[[Any], Any]:
    """What stands at a path of two names, such as a reference's id: the most frequent path by far."""
    first, second = one.path

    def find(holder: Any) -> Any:
        inner = holder.get(first)
        if inner is None:
            return None
        if type(inner) is not dict:
            raise _wrong_type(one)
        return inner.get(second)

    return find


def _below(item: Any, path: tuple[str, ...], one: Field) -> Any:
    for name in path:
        if not isinstance(item, dict):
            raise _wrong_type(one)
        item = item.get(name)
    return item


def _wrong_type(one: Field) -> _BadEntityError:
    return _BadEntityError("wrong_type", f"{'.'.join(one.path)} holds another kind of value.")


def _text(one: Field) -> _Value:
    def convert(value: Any) -> str | None:
        if value is None:
            return None
        if type(value) is str:
            if len(value) != _UUID_LENGTH and UNPRINTABLE.search(value):
                raise _BadEntityError(
                    "unprintable", f"{'.'.join(one.path)} holds control characters or broken text."
                )
            return value.strip() or None
        if type(value) is bool:
            return "true" if value else "false"
        if type(value) is int or type(value) is float:
            return str(value)
        raise _wrong_type(one)

    return convert


def _identity(one: Field, *, may_be_number: bool = False) -> _Value:
    """An id: text. Ids are no place for identity numbers, but not every supplier knows."""
    read = _text(one)

    def convert(value: Any) -> str | None:
        if value is None:
            return None
        if type(value) is not str:
            raise _wrong_type(one)
        text = read(value)
        if text is None or may_be_number or len(text) == _UUID_LENGTH or not contains_personal_number(text):
            return text
        raise _BadEntityError("personal_number", f"{'.'.join(one.path)} holds a personal identity number.")

    return convert


def _required(one: Field, convert: _Value) -> _Value:
    def demand(value: Any) -> str | None:
        text = convert(value)
        if text is None:
            raise _BadEntityError("missing_id", f"{'.'.join(one.path)} is missing.")
        return text

    return demand


def _listed(one: Field) -> _Value:
    read = _identity(one)

    def convert(value: Any) -> str | None:
        if value is None:
            return None
        if not isinstance(value, list):
            raise _wrong_type(one)
        return ",".join(text for item in value if (text := read(item)) is not None) or None

    return convert


def _month(one: Field) -> _Value:
    read = _text(one)

    def convert(value: Any) -> str | None:
        text = read(value)
        # Anything but a date goes: the day of birth must not slip through in another shape.
        if text is None or len(text) < 10 or text[4] != "-" or not text[:4].isdigit():
            return None
        return text[:7] if text[5:7].isdigit() else None

    return convert


def _is_filled(value: Any) -> str | None:
    return "true" if isinstance(value, str) and value.strip() else "false"
