"""Which releases there are, which one readers see, and how to go back."""

from pathlib import Path
from threading import Event, Thread

import pytest
from release_kit import build, lose

from dagster_project.lib.errors import ReleaseNotFoundError, ReleaseRefusedError, WarehouseBusyError
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore


@pytest.fixture
def store(two_releases: ReleaseStore) -> ReleaseStore:
    return two_releases


def version_seen(store: ReleaseStore) -> int:
    with connect(store.current_link / "equity.duckdb") as connection:
        ((version,),) = connection.execute("select distinct version from pub_unit_results").fetchall()
    return int(version)


def test_before_the_first_release_there_is_none(tmp_path: Path) -> None:
    empty = ReleaseStore(tmp_path)
    assert (empty.current(), empty.pointer(), empty.releases(), empty.log.events()) == (None, None, [], [])
    assert list(tmp_path.iterdir()) == []


def test_releases_are_listed_oldest_first_and_found_by_id(store: ReleaseStore) -> None:
    assert [release.id for release in store.releases()] == ["R000001", "R000002"]
    assert store.get("R000001") == store.releases()[0]
    assert store.current() == store.releases()[1]


def test_ids_are_listed_by_number_and_not_by_text(tmp_path: Path) -> None:
    for name in ("R1000000", "R999999", "R000002", "notes", "R12"):
        (tmp_path / "releases" / name).mkdir(parents=True)
    assert [folder.name for folder in ReleaseStore(tmp_path).folders()] == ["R000002", "R999999", "R1000000"]


@pytest.mark.parametrize("release_id", ["R000009", "../candidates", "R000001/..", "", "latest"])
def test_an_unknown_release_is_not_found(store: ReleaseStore, release_id: str) -> None:
    with pytest.raises(ReleaseNotFoundError):
        store.get(release_id)
    with pytest.raises(ReleaseNotFoundError):
        store.rollback(release_id, "because")
    assert store.pointer() == "R000002"


def test_what_was_published_before_the_last_release_is_found_newest_first(store: ReleaseStore) -> None:
    first = store.get("R000001").file
    assert store.files_before_last(2) == [first]
    assert store.files_before_last(0) == []
    store.rollback("R000001", "the second one is wrong")
    assert store.files_before_last(2) == []


def test_a_damaged_file_from_before_the_last_release_is_compared_with_nothing(store: ReleaseStore) -> None:
    file = store.get("R000001").file
    file.chmod(0o600)
    file.write_bytes(file.read_bytes()[:5000])
    assert store.files_before_last(2) == []


def test_rollback_and_roll_forward_again(store: ReleaseStore) -> None:
    store.rollback("R000001", "unit 12345678 was counted twice")
    assert (store.pointer(), version_seen(store)) == ("R000001", 1)
    store.rollback("R000002", "it was not")
    assert (store.pointer(), version_seen(store)) == ("R000002", 2)
    assert [(e.event, e.release_id, e.previous, e.reasons) for e in store.log.events()[-2:]] == [
        ("rollback", "R000001", "R000002", ["unit 12345678 was counted twice"]),
        ("rollback", "R000002", "R000001", ["it was not"]),
    ]


def test_a_rollback_to_where_current_leads_already_is_no_event(store: ReleaseStore) -> None:
    before = store.log.events()
    assert store.rollback("R000002", "again").id == "R000002"
    assert store.log.events() == before


def test_a_line_that_a_crash_cut_off_does_not_spoil_the_next_one(store: ReleaseStore) -> None:
    store.log.path.write_bytes(store.log.path.read_bytes()[:-20])
    store.rollback("R000001", "because")
    assert [event.event for event in store.log.events()] == ["publish", "rollback"]


def test_current_leads_somewhere_at_every_moment_of_a_change(store: ReleaseStore) -> None:
    missing: list[FileNotFoundError] = []
    done = Event()

    def look() -> None:
        while not done.is_set():
            try:
                store.current_link.readlink()
            except FileNotFoundError as gone:
                missing.append(gone)

    looker = Thread(target=look)
    looker.start()
    try:
        for _ in range(100):
            for release_id in ("R000001", "R000002"):
                store.commit_pointer(store.stage_pointer(release_id))
    finally:
        done.set()
        looker.join()
    assert missing == []


def test_a_rollback_without_a_reason_is_refused(store: ReleaseStore) -> None:
    with pytest.raises(ReleaseRefusedError, match="needs a reason"):
        store.rollback("R000001", "  ")
    assert store.pointer() == "R000002"


@pytest.mark.parametrize("name", ["equity.duckdb", "csv/pub_unit_results.csv", "audit.json"])
def test_a_rollback_to_a_release_with_a_changed_file_is_refused(store: ReleaseStore, name: str) -> None:
    file = store.get("R000001").folder / name
    file.chmod(0o600)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(ReleaseRefusedError, match=f"{name} is missing, added or changed"):
        store.rollback("R000001", "because")
    assert (store.pointer(), version_seen(store)) == ("R000002", 2)


@pytest.mark.parametrize("name", ["parquet/pub_unit_results.parquet", "difference.json"])
def test_a_rollback_to_a_release_that_lost_a_file_is_refused(store: ReleaseStore, name: str) -> None:
    folder = store.get("R000001").folder
    (folder / name).parent.chmod(0o700)
    (folder / name).unlink()
    with pytest.raises(ReleaseRefusedError, match=f"{name} is missing"):
        store.rollback("R000001", "because")


def test_a_rollback_to_a_release_with_a_log_of_another_file_is_refused(store: ReleaseStore) -> None:
    folder = store.get("R000001").folder
    folder.chmod(0o700)
    (folder / "equity.duckdb.wal").write_bytes(b"of another file")
    with pytest.raises(ReleaseRefusedError, match=r"equity\.duckdb\.wal is missing, added or changed"):
        store.rollback("R000001", "because")


def test_a_manifest_that_was_changed_along_with_its_file_is_found_by_the_log(store: ReleaseStore) -> None:
    release = store.get("R000001")
    path = release.folder / "manifest.json"
    path.chmod(0o600)
    changed = release.manifest.model_copy(update={"lacks": []})
    path.write_text(changed.model_dump_json(indent=2), encoding="utf-8")
    with pytest.raises(ReleaseRefusedError, match=r"manifest\.json has changed since publication"):
        store.rollback("R000001", "because")


@pytest.mark.parametrize("content", ["", "{}", "not json"])
def test_a_damaged_manifest_is_reported_with_its_release(store: ReleaseStore, content: str) -> None:
    path = store.get("R000001").folder / "manifest.json"
    path.chmod(0o600)
    path.write_text(content)
    with pytest.raises(ReleaseRefusedError, match=r"Release R000001: manifest\.json is missing or damaged"):
        store.rollback("R000001", "because")


def test_a_current_that_leads_nowhere_is_an_error_and_a_rollback_mends_it(store: ReleaseStore) -> None:
    lose(store, "R000002")
    with pytest.raises(ReleaseNotFoundError, match="current leads to R000002"):
        store.current()
    store.rollback("R000001", "R000002 was lost")
    assert version_seen(store) == 1


# Ids.


def test_ids_are_counted_and_never_given_out_twice(tmp_path: Path) -> None:
    assert [ReleaseStore(tmp_path).reserve_id() for _ in range(3)] == ["R000001", "R000002", "R000003"]


@pytest.mark.parametrize("restored", [None, "R000001\n"])
def test_a_counter_lost_or_restored_from_an_old_backup_gives_no_id_twice(
    store: ReleaseStore, restored: str | None
) -> None:
    counter = store.releases_dir / "counter"
    counter.unlink()
    if restored is not None:
        counter.write_text(restored)
    assert store.reserve_id() == "R000003"


def test_the_id_of_a_removed_release_is_still_known_from_the_log(store: ReleaseStore) -> None:
    (store.releases_dir / "counter").unlink()
    lose(store, "R000002")
    assert store.reserve_id() == "R000003"


@pytest.mark.parametrize("content", [b"", b"7\n", b"R00\n", b"\xff\xfe"])
def test_a_damaged_counter_is_an_error_and_not_a_new_beginning(tmp_path: Path, content: bytes) -> None:
    store = ReleaseStore(tmp_path)
    store.reserve_id()
    (store.releases_dir / "counter").write_bytes(content)
    with pytest.raises(ReleaseRefusedError, match="counter does not hold a release id"):
        store.reserve_id()


# One at a time.


def test_whoever_comes_second_waits_so_long_and_is_then_told(store: ReleaseStore) -> None:
    candidate = build(store.data_dir, "b3")
    with store.lock():
        for change in (
            lambda: store.rollback("R000001", "because", wait_seconds=0.1),
            lambda: store.reserve_id(wait_seconds=0.1),
            lambda: store.refuse(candidate, ["because"], wait_seconds=0.1),
        ):
            with pytest.raises(WarehouseBusyError, match=r"0\.1 seconds"):
                change()
    assert store.rollback("R000001", "because").id == "R000001"


def test_readers_of_the_store_do_not_wait_for_a_publisher(store: ReleaseStore) -> None:
    with store.lock():
        assert store.current() is not None
        assert len(store.releases()) == 2
        assert version_seen(store) == 2


def test_a_candidate_refused_by_another_gate_is_kept_with_the_reasons(store: ReleaseStore) -> None:
    candidate = build(store.data_dir, "b3")
    store.refuse(candidate, ["Table pub_unit_results: a withheld cell can be worked out.", "Ask for advice."])
    assert (candidate.folder / "refusal.txt").read_text(encoding="utf-8") == (
        "Table pub_unit_results: a withheld cell can be worked out.\nAsk for advice.\n"
    )
    event = store.log.events()[-1]
    assert (event.event, event.release_id, event.build_id) == ("refused", "R000003", "b3")
    assert candidate.file.is_file()
