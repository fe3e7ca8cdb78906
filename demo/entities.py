"""What one list endpoint holds: entities as JSON bytes, in a fixed order, with the times they changed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import orjson

Document = dict[str, Any]
ADDED = "2023-07-01T04:00:00Z"
"""When everything that was there from the beginning was entered."""


def reference(identity: str) -> dict[str, str]:
    """A reference to another entity."""
    return {"id": identity}


def meta(created: str, modified: str | None = None) -> dict[str, str]:
    """The Meta object of an entity; both times in UTC, RFC 3339."""
    return {"created": created, "modified": modified or created}


@dataclass(frozen=True)
class Entities:
    """Entities of one endpoint.

    Attributes:
        ids: the id of each.
        created, modified: UTC, RFC 3339 with ``Z``, so that they compare as text.
        bodies: each entity as JSON.
    """

    ids: list[str] = field(default_factory=list)
    created: list[str] = field(default_factory=list)
    modified: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, identity: str, created: str, modified: str, body: bytes) -> None:
        """Append one entity that is JSON already."""
        self.ids.append(identity)
        self.created.append(created)
        self.modified.append(modified)
        self.bodies.append(body)

    def documents(self) -> Iterator[Document]:
        """Each entity, decoded."""
        return (orjson.loads(body) for body in self.bodies)

    @classmethod
    def of(cls, documents: Iterable[Document]) -> "Entities":
        """Entities from documents; each has ``id`` and ``meta``."""
        entities = cls()
        for document in documents:
            times = document["meta"]
            entities.add(document["id"], times["created"], times["modified"], orjson.dumps(document))
        return entities


@dataclass(frozen=True, order=True)
class Deletion:
    """One entity that is gone.

    Attributes:
        deleted_at: UTC, RFC 3339.
        kind: the entity's name in the standard's EndPointsEnum, e.g. ``Placement``.
        identity: its id.
    """

    deleted_at: str
    kind: str
    identity: str
