"""Extracts on disk: the bytes as received plus one manifest line each. Nothing is ever overwritten.

Layout below the root::

    manifest.jsonl                                     one line per extract, appended and synced
    <source>/<dataset>/<period>/<sha256[:16]>.<ext>    the bytes; several answers make one .ndjson.gz
    .staging/                                          files being written; swept by the next that writes

The same bytes for the same period are one extract, however often they are fetched. Of personal data no bytes
are kept as received, but rows with pseudonyms (``.rows.gz``).
"""

import datetime as dt
import gzip
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from dagster_project.lib.answers import Answer

_SAFE = re.compile(r"[^a-z0-9_-]+")


@dataclass(frozen=True)
class Extract:
    """One manifest line.

    Attributes:
        extract_id: ``source/dataset/period/sha256[:16]``.
        source, dataset, period: what was asked for; a period is a year of the source's own reckoning or
            ``all``.
        address: file name or URL of the first answer, as the sender knows it.
        answers: how many answers it is made of.
        fetched_at: UTC, ISO 8601.
        sha256: over addresses and bodies in order of address.
        size_bytes: of the bodies.
        path: of the stored bytes, relative to the store's root.
    """

    extract_id: str
    source: str
    dataset: str
    period: str
    address: str
    answers: int
    fetched_at: str
    sha256: str
    size_bytes: int
    path: str


def _folder(source: str, dataset: str, period: str) -> str:
    if not (source and dataset and period):
        raise ValueError("source, dataset and period of an extract must not be empty names")
    return "/".join(_SAFE.sub("-", part.lower()) for part in (source, dataset, period))


def _extract_id(folder: str, sha256: str) -> str:
    return f"{folder}/{sha256[:16]}"


def id_of(*, source: str, dataset: str, period: str, answers: Sequence[Answer]) -> str:
    """The ``extract_id`` that :meth:`ExtractStore.put` would give, without keeping anything."""
    ordered = sorted(answers, key=lambda answer: answer.address)
    return _extract_id(_folder(source, dataset, period), _digest(ordered))


def _digest(answers: Sequence[Answer]) -> str:
    digest = hashlib.sha256()
    for answer in answers:
        digest.update(answer.address.encode())
        digest.update(len(answer.body).to_bytes(8, "big"))
        digest.update(answer.body)
    return digest.hexdigest()


def _write_durably(path: Path, content: bytes) -> None:
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(content)
    _put_in_place(temporary, path)


def _put_in_place(temporary: Path, path: Path) -> None:
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class ExtractStore:
    """Append-only store of extracts below ``root``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._manifest = root / "manifest.jsonl"

    def put(self, *, source: str, dataset: str, period: str, answers: Sequence[Answer]) -> Extract:
        """Keep ``answers`` as one extract; the same bytes again return the extract already kept.

        Raises:
            ValueError: no answers, or an empty name.
        """
        if not answers:
            raise ValueError(f"{source}/{dataset}/{period}: nothing was delivered")
        ordered = sorted(answers, key=lambda answer: answer.address)
        sha256 = _digest(ordered)
        folder = _folder(source, dataset, period)
        extract_id = _extract_id(folder, sha256)
        known = self._known(extract_id)
        if known is not None:
            return known
        target = self.root / folder
        target.mkdir(parents=True, exist_ok=True)
        if len(ordered) == 1:
            path = target / f"{sha256[:16]}.bytes"
            content = ordered[0].body
        else:
            path = target / f"{sha256[:16]}.ndjson.gz"
            lines = (
                json.dumps({"address": a.address, "body": a.body.decode("utf-8", "surrogateescape")})
                for a in ordered
            )
            content = gzip.compress("\n".join(lines).encode(), compresslevel=5, mtime=0)
        _write_durably(path, content)
        extract = Extract(
            extract_id=extract_id,
            source=source,
            dataset=dataset,
            period=period,
            address=ordered[0].address,
            answers=len(ordered),
            fetched_at=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
            sha256=sha256,
            size_bytes=sum(len(a.body) for a in ordered),
            path=str(path.relative_to(self.root)),
        )
        self._append(extract)
        return extract

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """An empty folder on the store's disk for files that :meth:`keep` may take; gone afterwards.

        There is one: what a crash left in it is swept first.
        """
        folder = self.root / ".staging"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(
        self,
        rows: Path,
        *,
        source: str,
        dataset: str,
        period: str,
        address: str,
        answers: int,
        fetched_at: dt.datetime,
        sha256: str,
        size_bytes: int,
    ) -> Extract:
        """Take over a file of rows from the staging folder as one extract.

        ``sha256`` is over what was received: the same again returns the extract already kept, and leaves
        ``rows`` where it is.

        Raises:
            ValueError: an empty name.
        """
        folder = _folder(source, dataset, period)
        extract_id = _extract_id(folder, sha256)
        known = self._known(extract_id)
        if known is not None:
            return known
        path = self.root / folder / f"{sha256[:16]}.rows.gz"
        path.parent.mkdir(parents=True, exist_ok=True)
        _put_in_place(rows, path)
        extract = Extract(
            extract_id=extract_id,
            source=source,
            dataset=dataset,
            period=period,
            address=address,
            answers=answers,
            fetched_at=fetched_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
            sha256=sha256,
            size_bytes=size_bytes,
            path=str(path.relative_to(self.root)),
        )
        self._append(extract)
        return extract

    def _known(self, extract_id: str) -> Extract | None:
        """The extract as first received; none when it is not there, or its bytes have been pruned since."""
        found = None
        for known in self.manifest():
            if known.extract_id == extract_id:
                found = known
        return found if found is not None and self.holds(found) else None

    def holds(self, extract: Extract) -> bool:
        """Whether the bytes of ``extract`` are stored; personal ones are pruned after a while."""
        return (self.root / extract.path).is_file()

    def answers(self, extract: Extract) -> list[Answer]:
        """The bytes of ``extract`` as received, in order of address."""
        content = (self.root / extract.path).read_bytes()
        if not extract.path.endswith(".ndjson.gz"):
            return [Answer(extract.address, content)]
        lines = gzip.decompress(content).decode().split("\n")
        return [
            Answer(line["address"], line["body"].encode("utf-8", "surrogateescape"))
            for line in map(json.loads, lines)
        ]

    def manifest(self) -> Iterator[Extract]:
        """All extracts in the order they were first received.

        A last line cut off by a crash belongs to an extract that was never acknowledged: it is left out,
        and the next fetch stores it again.
        """
        if not self._manifest.exists():
            return
        # Cut before it is decoded: the crash may have left half a letter.
        complete, _, _ = self._manifest.read_bytes().rpartition(b"\n")
        for line in complete.splitlines():
            yield Extract(**json.loads(line))

    def _append(self, extract: Extract) -> None:
        self._drop_torn_line()
        with self._manifest.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(extract), ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _drop_torn_line(self) -> None:
        if not self._manifest.exists():
            return
        content = self._manifest.read_bytes()
        if content and not content.endswith(b"\n"):
            with self._manifest.open("r+b") as file:
                file.truncate(content.rfind(b"\n") + 1)
