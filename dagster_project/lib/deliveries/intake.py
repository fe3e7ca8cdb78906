"""Taking files in: each is read, kept, loaded, reported on to its sender, and logged. No Dagster in here."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from dagster_project.lib import extract_store, raw_tables
from dagster_project.lib.answers import Answer
from dagster_project.lib.deliveries import log, withdrawal
from dagster_project.lib.deliveries.catalogue import KINDS
from dagster_project.lib.deliveries.examination import Examination, examine
from dagster_project.lib.deliveries.inbox import DroppedFile
from dagster_project.lib.deliveries.kinds import SOURCE, Kind
from dagster_project.lib.deliveries.problems import refused
from dagster_project.lib.deliveries.reader import Reading
from dagster_project.lib.deliveries.stored import as_stored
from dagster_project.lib.errors import DeliveryProblem
from dagster_project.lib.extract_store import ExtractStore
from dagster_project.lib.raw_tables import LoadReport, reader_fingerprint
from dagster_project.lib.release import durable

#: Dataset of what could not be told to be of any kind.
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Intake:
    """How deliveries are taken in here.

    Attributes:
        connection: the build file; schema ``raw`` must exist.
        store: keeps what was read.
        pseudonym_of: personal identity number -> pseudonym, none for what is no such number.
        municipality_code: of the installation.
        reports: whether reports are written beside the files.
    """

    connection: duckdb.DuckDBPyConnection
    store: ExtractStore
    pseudonym_of: Callable[[str], str | None]
    municipality_code: str
    reports: bool = True

    def take(self, files: Iterable[DroppedFile]) -> Iterator[tuple[str, LoadReport]]:
        """Dataset and load report of every file, in the order given: later ones replace earlier ones.

        A file that was read before, and whose outcome stands, is not read again; one that was withdrawn is
        refused. Problems of files that are no longer there are forgotten once all are taken.
        """
        withdrawn = withdrawal.carry_out(self.connection, self.store)
        refusals: list[tuple[str, str]] = []
        for file in files:
            dataset, loaded = self._take_one(file, withdrawn)
            if loaded.problem is not None:
                refusals.append((dataset, file.period))
            yield dataset, loaded
        log.forget_problems(self.connection, SOURCE, refusals)

    @property
    def _read_by(self) -> str:
        parts = (reader_fingerprint(), code_fingerprint(), self.municipality_code)
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]

    def _take_one(self, file: DroppedFile, withdrawn: withdrawal.Record) -> tuple[str, LoadReport]:
        try:
            body = file.read()
        except DeliveryProblem as problem:
            return self._not_read(file, file.kind, problem)
        sha256 = hashlib.sha256(body).hexdigest()
        known = log.known(self.connection, file=file.name, sha256=sha256, read_by=self._read_by)
        if known is not None and (not self.reports or known.report is None or file.report_path.exists()):
            return known.kind or UNKNOWN, LoadReport(
                file.period,
                None,
                known.delivered,
                known.accepted,
                known.quarantined,
                known.duplicates,
                unchanged=True,
            )

        examination = self._examined(file, body, withdrawn)
        written = self._report(file, examination.report())
        kind = examination.kind
        if isinstance(examination.outcome, Reading):
            loaded, refused_rule = self._load(file, examination.outcome), None
            dataset = examination.outcome.kind.name
        else:
            dataset, loaded = self._not_read(file, kind, examination.outcome)
            refused_rule = examination.outcome.rule
        self._log(file, sha256=sha256, kind=kind, loaded=loaded, refused_rule=refused_rule, written=written)
        return dataset, loaded

    def _examined(self, file: DroppedFile, body: bytes, withdrawn: withdrawal.Record) -> Examination:
        taken_back = withdrawn.of(sha256=hashlib.sha256(body).hexdigest())
        if taken_back is not None:
            return Examination(file.name, KINDS[taken_back.kind], refused(file.name, withdrawal.RULE))
        if file.is_named_after_person:
            return Examination(file.name, file.kind, refused(file.name, "personal_number_in_name"))
        found = examine(
            Answer(file.name, body),
            kind=file.kind,
            pseudonym_of=self.pseudonym_of,
            municipality_code=self.municipality_code,
        )
        # The same rows in a file of other bytes: saved anew, or as a workbook.
        if withdrawn.by_sha256 and isinstance(found.outcome, Reading):
            place, answers = _as_extract(file, found.outcome)
            if withdrawn.holds(extract_store.id_of(**place, answers=answers)):
                return Examination(file.name, found.kind, refused(file.name, withdrawal.RULE))
        return found

    def _load(self, file: DroppedFile, reading: Reading) -> LoadReport:
        place, answers = _as_extract(file, reading)
        extract = self.store.put(**place, answers=answers)
        return raw_tables.load(self.connection, self.store, extract, reading.kind.raw_table)

    def _not_read(
        self, file: DroppedFile, kind: Kind | None, problem: DeliveryProblem
    ) -> tuple[str, LoadReport]:
        dataset = UNKNOWN if kind is None else kind.name
        return dataset, raw_tables.record_failed_fetch(
            self.connection,
            source=SOURCE,
            dataset=dataset,
            period=file.period,
            raw_table="delivery_files" if kind is None else kind.raw_table,
            problem=problem,
        )

    def _report(self, file: DroppedFile, text: str) -> str | None:
        """Write the report unless it stands there; its name, or none where it could not be written."""
        if not self.reports or file.is_named_after_person:
            return None
        path = file.report_path
        try:
            if not path.exists() or path.read_text(encoding="utf-8", errors="replace") != text:
                durable.write_atomically(path, text)
        except OSError:
            return None
        return path.name

    def _log(
        self,
        file: DroppedFile,
        *,
        sha256: str,
        kind: Kind | None,
        loaded: LoadReport,
        refused_rule: str | None,
        written: str | None,
    ) -> None:
        log.record(
            self.connection,
            log.LogEntry(
                file=file.name,
                kind=None if kind is None else kind.name,
                received_at=file.received_at,
                sha256=sha256,
                delivered=loaded.delivered,
                accepted=loaded.loaded,
                quarantined=loaded.rejected,
                duplicates=loaded.duplicates,
                refused_rule=refused_rule,
                report=written,
                extract_id=None if loaded.extract is None else loaded.extract.extract_id,
                read_by=self._read_by,
            ),
        )


def _as_extract(file: DroppedFile, reading: Reading) -> tuple[dict[str, str], list[Answer]]:
    """What of a file is kept, and as what."""
    place = {"source": SOURCE, "dataset": reading.kind.name, "period": file.period}
    return place, [as_stored(file.name, reading)]


@cache
def code_fingerprint() -> str:
    """Hash of this package's code: changed definitions or rules read every file again."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
