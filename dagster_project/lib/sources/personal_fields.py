"""Dropping what the registers say about persons, before anything is stored."""

import json
from typing import Any

from dagster_project.lib.answers import Answer
from dagster_project.lib.sources.json_answers import json_object

#: Head of school, e-mail and telephone (often a person's own); ``careOfAddress`` often holds a name.
PERSONAL_FIELDS = frozenset({"headMaster", "email", "phoneNumber", "telephone", "careOfAddress"})


def without_personal_fields(answer: Answer) -> Answer:
    """The answer without :data:`PERSONAL_FIELDS`, at any depth: re-serialised JSON, not the bytes received.

    Raises:
        NotThisFileError: the answer is not a JSON object.
    """
    cleaned = _cleaned(json_object(answer))
    return Answer(answer.address, json.dumps(cleaned, ensure_ascii=False, separators=(",", ":")).encode())


def _cleaned(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _cleaned(inner) for key, inner in value.items() if key not in PERSONAL_FIELDS}
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    return value
