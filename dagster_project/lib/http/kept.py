"""Answers kept as extracts, with the version (ETag) their source gave them.

A source that says "not modified" spares the transfer, and the kept bytes are used. Only answers that are an
extract of their own are found again: of those that were changed before they were stored (personal fields
dropped) nothing is kept here.

The versions stand in ``etags.jsonl`` beside the extracts, one line each; the last line of an address counts.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.extract_store import ExtractStore

_FILE: Final = "etags.jsonl"


@dataclass(frozen=True)
class Kept:
    """An answer of before.

    Attributes:
        answer: the bytes as received then.
        etag: the version to name when asking again.
    """

    answer: Answer
    etag: str


class KeptAnswers:
    """Finds what ``store`` keeps of an address."""

    def __init__(self, store: ExtractStore) -> None:
        self._store = store
        self._path = store.root / _FILE

    def find(self, address: str) -> Kept | None:
        """The answer last received from ``address``, if it had a version and its bytes are still stored."""
        version = self._versions().get(address)
        if version is None:
            return None
        etag, sha256 = version
        for extract in self._store.manifest():
            if extract.address == address and extract.answers == 1 and self._store.holds(extract):
                (answer,) = self._store.answers(extract)
                if hashlib.sha256(answer.body).hexdigest() == sha256:
                    return Kept(answer, etag)
        return None

    def remember(self, answer: Answer, etag: str) -> None:
        """Note the version of an answer that is about to be stored."""
        version = (etag, hashlib.sha256(answer.body).hexdigest())
        if self._versions().get(answer.address) == version:
            return
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = {"address": answer.address, "etag": version[0], "sha256": version[1]}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def _versions(self) -> dict[str, tuple[str, str]]:
        if not self._path.exists():
            return {}
        # A line that a crash cut off names nothing.
        complete, _, _ = self._path.read_bytes().rpartition(b"\n")
        lines = map(json.loads, complete.splitlines())
        return {line["address"]: (line["etag"], line["sha256"]) for line in lines}
