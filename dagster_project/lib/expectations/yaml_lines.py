"""YAML with the line of every value, so that a mistake in a suite can be pointed at."""

from typing import Any

import yaml

Place = tuple[str | int, ...]
"""Keys and list positions that lead to a value: ``('expectations', 2, 'severity')``."""


class YamlTextError(ValueError):
    """The text is not YAML, or a key stands twice. Carries the 1-based ``line``."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read(text: str) -> tuple[Any, dict[Place, int]]:
    """Parse ``text`` with YAML's safe types only; return the value and the 1-based line of every place in it.

    Raises:
        YamlTextError: not YAML; a key stands twice in one mapping (PyYAML would keep the last one silently).
    """
    try:
        loader = yaml.SafeLoader(text)
        node = loader.get_single_node()
        lines: dict[Place, int] = {}
        if node is None:
            return None, {(): 1}
        _collect(node, (), lines)
        value = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlTextError(mark.line + 1 if mark else 1, error.problem or "this is not YAML") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, int(error.position)) + 1
        raise YamlTextError(line, "a character that YAML does not allow") from error
    return value, lines


def line_of(place: Place, lines: dict[Place, int]) -> int:
    """Line of ``place``, or of the nearest enclosing value when the place itself is absent from the text."""
    while place and place not in lines:
        place = place[:-1]
    return lines.get(place, 1)


def _collect(node: yaml.Node, place: Place, lines: dict[Place, int]) -> None:
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            line = key.start_mark.line + 1
            below = (*place, str(key.value))
            if below in lines:
                raise YamlTextError(line, f"the key '{key.value}' stands twice")
            lines[below] = line
            _collect(value, below, lines)
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _collect(item, (*place, position), lines)
