"""What a crash leaves behind is put right without a person, and without touching a release."""

from pathlib import Path

import pytest
from release_kit import PARTS, audited, build, lose

from dagster_project.lib.errors import WarehouseBusyError
from dagster_project.lib.release.candidate import load_candidate
from dagster_project.lib.release.lock import held_folder
from dagster_project.lib.release.publish import publish
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.lib.release.sweep import sweep


@pytest.fixture
def store(two_releases: ReleaseStore) -> ReleaseStore:
    return two_releases


def test_a_tidy_store_gives_nothing_to_report(store: ReleaseStore) -> None:
    before = sorted(store.data_dir.rglob("*"))
    assert sweep(store) == []
    assert sorted(store.data_dir.rglob("*")) == before


def test_an_empty_data_directory_gives_nothing_to_report(tmp_path: Path) -> None:
    assert sweep(ReleaseStore(tmp_path)) == []


@pytest.mark.parametrize(
    "place",
    ["releases/.new-R000003", "releases/.old-R000001", "candidates/.new-b3"],
    ids=["new", "old", "candidate"],
)
def test_unfinished_folders_are_removed_even_if_read_only(store: ReleaseStore, place: str) -> None:
    left = store.data_dir / place
    (left / "csv").mkdir(parents=True)
    (left / "csv" / "half.csv").write_text("half")
    (left / "csv").chmod(0o500)
    left.chmod(0o500)
    (found,) = sweep(store)
    assert found.startswith(f"{left.name}: ")
    assert not left.exists()
    assert [release.id for release in store.releases()] == ["R000001", "R000002"]


def test_a_candidate_that_is_being_built_is_left_alone(store: ReleaseStore) -> None:
    at_work = store.candidates_dir / ".new-b3"
    at_work.mkdir()
    with held_folder(at_work):
        assert sweep(store) == []
        assert at_work.is_dir()
    assert len(sweep(store)) == 1


@pytest.mark.parametrize("place", [".tmp-current", "releases/.tmp-counter"])
def test_temporary_names_are_removed(store: ReleaseStore, place: str) -> None:
    left = store.data_dir / place
    left.symlink_to("releases/R000009")
    assert len(sweep(store)) == 1
    assert not left.is_symlink()
    assert store.pointer() == "R000002"


def test_a_current_that_leads_nowhere_is_reported_and_left(store: ReleaseStore) -> None:
    lose(store, "R000002")
    assert sweep(store) == [
        "current leads to R000002, which is not on disk. Roll back to another release or publish."
    ]
    assert store.pointer() == "R000002"


def test_the_next_publication_mends_a_current_that_leads_nowhere(store: ReleaseStore) -> None:
    lose(store, "R000002")
    release = publish(store, audited(store.data_dir, "b3"), PARTS)
    assert store.current() == release
    assert "Not compared with R000002" in release.manifest.difference.sentences[0]


def test_a_log_line_that_was_cut_off_is_removed_and_the_missing_one_written(store: ReleaseStore) -> None:
    log = store.log.path
    whole = log.read_bytes()
    log.write_bytes(whole[:-20])
    assert [event.release_id for event in store.log.events()] == ["R000001"]
    assert [line.split(":")[0] for line in sweep(store)] == ["log.jsonl", "log.jsonl"]
    last = store.log.events()[-1]
    assert (last.event, last.release_id, last.previous, last.build_id) == (
        "publish",
        "R000002",
        "R000001",
        "b2",
    )
    assert last.manifest_sha256 == store.manifest_sha256("R000002") is not None
    assert sweep(store) == []


def test_a_rollback_that_was_cut_off_before_its_log_line_is_written_as_a_rollback(
    store: ReleaseStore,
) -> None:
    store.rollback("R000001", "because")
    lines = store.log.path.read_bytes().splitlines(keepends=True)
    store.log.path.write_bytes(b"".join(lines[:-1]))
    sweep(store)
    last = store.log.events()[-1]
    assert (last.event, last.release_id, last.previous) == ("rollback", "R000001", "R000002")
    assert last.reasons[0].startswith("Written afterwards")


def test_nothing_is_swept_under_a_publisher_at_work(store: ReleaseStore) -> None:
    left = store.releases_dir / ".new-R000003"
    left.mkdir()
    with store.lock(), pytest.raises(WarehouseBusyError):
        sweep(store, wait_seconds=0.1)
    assert left.is_dir()


def test_finished_candidates_are_not_swept(store: ReleaseStore) -> None:
    candidate = build(store.data_dir, "b3")
    assert sweep(store) == []
    assert load_candidate(store.candidates_dir, "b3") == candidate
