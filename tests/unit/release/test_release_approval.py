"""A candidate that would change published figures is held until a person has approved exactly that file."""

import dataclasses
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from release_kit import KEYS, PARTS, TABLES, record_for, write_warehouse

from dagster_project.lib.errors import ReleaseHeldError, ReleaseNotFoundError, ReleaseRefusedError
from dagster_project.lib.release import audit
from dagster_project.lib.release.approval import approval_of, approve, candidate_of, this_user
from dagster_project.lib.release.candidate import Candidate, build_candidate
from dagster_project.lib.release.publish import PublishOptions, publish, revisions_beside
from dagster_project.lib.release.revisions import WatchedTable
from dagster_project.lib.release.store import ReleaseStore

WATCHING = PublishOptions(
    key_columns=KEYS,
    watched={
        "pub_unit_results": WatchedTable(
            key=("unit_code", "school_year", "measure_id"), subject="measure_id", status="value_status"
        )
    },
)


def candidate(store: ReleaseStore, build_id: str, *, value: float) -> Candidate:
    """An audited candidate in which every unit's figure is ``value``."""
    warehouse = write_warehouse(store.data_dir / f"warehouse-{build_id}.duckdb")
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            "create or replace table published.pub_unit_results as select *, 'merit_value_y9' as measure_id,"
            " ?::double as value, 'reported' as value_status, null::varchar as suppression"
            " from published.pub_unit_results",
            [value],
        )
    built = build_candidate(
        warehouse=warehouse,
        schema="published",
        tables=TABLES,
        candidates_dir=store.candidates_dir,
        build_id=build_id,
        release_id=store.reserve_id(),
    )
    audit.save(record_for(built), built)
    return built


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    """A store whose only release says 230 of every unit."""
    store = ReleaseStore(tmp_path)
    publish(store, candidate(store, "b1", value=230), PARTS, WATCHING)
    return store


def test_the_first_release_and_one_that_changes_nothing_need_nobody(store: ReleaseStore) -> None:
    assert publish(store, candidate(store, "b2", value=230), PARTS, WATCHING).id == "R000002"
    assert store.get("R000002").manifest.approval is None


def test_a_changed_figure_holds_the_release_and_says_how_to_approve_it(store: ReleaseStore) -> None:
    held = candidate(store, "b2", value=231)
    with pytest.raises(ReleaseHeldError) as refusal:
        publish(store, held, PARTS, WATCHING)
    assert "merit_value_y9, 2024/25: of 30 rows 30 changed" in str(refusal.value)
    assert "equity releases approve R000002 --reason" in str(refusal.value)
    assert store.pointer() == "R000001"
    assert revisions_beside(held).unexpected[0].changed == 30
    assert pq.read_table(held.folder / "revised_rows.parquet").num_rows == 30


def test_a_store_that_has_to_be_named_is_named_in_the_command(store: ReleaseStore) -> None:
    with pytest.raises(ReleaseHeldError, match="equity releases approve R000002 --internal --reason"):
        publish(
            store,
            candidate(store, "b2", value=231),
            PARTS,
            dataclasses.replace(WATCHING, approve_option="--internal"),
        )


def test_an_approval_opens_it_and_stands_in_the_log_and_in_the_release(store: ReleaseStore) -> None:
    held = candidate(store, "b2", value=231)
    approve(store, candidate_of(store, "R000002"), "Skolverket has corrected the year.", by="karin")
    release = publish(store, held, PARTS, WATCHING)
    assert store.pointer() == "R000002"
    assert (release.manifest.approval.by, release.manifest.approval.reason) == (
        "karin",
        "Skolverket has corrected the year.",
    )
    assert release.manifest.revisions.unexpected[0].changed == 30
    logged = next(event for event in store.log.events() if event.event == "approved")
    assert (logged.by, logged.file_sha256, logged.previous) == ("karin", held.sha256, "R000001")


def test_another_build_of_the_same_figures_is_not_approved(store: ReleaseStore) -> None:
    approve(store, candidate(store, "b2", value=231), "right")
    with pytest.raises(ReleaseHeldError):
        publish(store, candidate(store, "b3", value=231), PARTS, WATCHING)


def test_an_approval_against_one_release_does_not_hold_against_another(store: ReleaseStore) -> None:
    waiting, other = candidate(store, "b2", value=231), candidate(store, "b3", value=232)
    approve(store, other, "right")
    publish(store, other, PARTS, WATCHING)
    assert approval_of(store, other) is None
    store.rollback("R000001", "it was not")
    approve(store, waiting, "right")
    assert approval_of(store, waiting) is not None
    store.rollback("R000003", "it was")
    assert approval_of(store, waiting) is None


def test_an_approval_does_not_open_the_gate(store: ReleaseStore) -> None:
    held = candidate(store, "b2", value=231)
    approve(store, held, "right")
    (held.folder / audit.AUDIT_FILE).unlink()
    with pytest.raises(ReleaseRefusedError, match="has not been audited"):
        publish(store, held, PARTS, WATCHING)


def test_what_cannot_be_compared_waits_for_a_person(store: ReleaseStore) -> None:
    last = store.get("R000001").file
    last.chmod(0o600)
    last.write_bytes(last.read_bytes()[:5000])
    waiting = candidate(store, "b2", value=230)
    with pytest.raises(ReleaseHeldError, match="Not compared with R000001"):
        publish(store, waiting, PARTS, WATCHING)
    approve(store, waiting, "The disk was bad; compared by hand.")
    assert publish(store, waiting, PARTS, WATCHING).id == "R000002"


def test_an_approval_needs_a_reason_and_a_candidate(store: ReleaseStore) -> None:
    held = candidate(store, "b2", value=231)
    with pytest.raises(ReleaseRefusedError, match="reason"):
        approve(store, held, " ")
    with pytest.raises(ReleaseNotFoundError, match="R000009"):
        candidate_of(store, "R000009")
    assert [event.event for event in store.log.events()] == ["publish"]


def test_the_user_is_the_one_the_process_runs_as(monkeypatch: pytest.MonkeyPatch) -> None:
    before = this_user()
    monkeypatch.setenv("LOGNAME", "somebody else")
    assert this_user() == before
