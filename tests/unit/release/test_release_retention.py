"""Old releases go, but never one that someone may need at once."""

import pytest
from release_kit import PARTS, audited, build

from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore


@pytest.fixture
def store(three_releases: ReleaseStore) -> ReleaseStore:
    return three_releases


def publish_next(store: ReleaseStore, keep: int | None) -> None:
    number = len(store.log.events()) + 1
    publish(store, audited(store.data_dir, f"b{number}", version=number), PARTS, PublishOptions(keep=keep))


def on_disk(store: ReleaseStore) -> list[int]:
    return [int(folder.name[1:]) for folder in store.folders()]


def test_without_a_number_all_releases_are_kept(store: ReleaseStore) -> None:
    publish_next(store, None)
    assert on_disk(store) == [1, 2, 3, 4]


def test_the_newest_are_kept_and_the_removal_is_logged(store: ReleaseStore) -> None:
    publish_next(store, None)
    publish_next(store, 3)
    assert on_disk(store) == [3, 4, 5]
    removed = [event.release_id for event in store.log.events() if event.event == "removed"]
    assert removed == ["R000001", "R000002"]
    assert list(store.releases_dir.glob(".old-*")) == []


def test_the_release_before_the_current_one_is_kept_whatever_the_number(store: ReleaseStore) -> None:
    publish_next(store, 1)
    assert on_disk(store) == [3, 4]


def test_the_release_that_was_rolled_back_from_is_kept_for_inspection(store: ReleaseStore) -> None:
    store.rollback("R000001", "R000003 is wrong")
    publish_next(store, 1)
    assert store.pointer() == store.folders()[-1].name
    assert on_disk(store)[:2] == [1, 3]  # 1 was current before, 3 was rolled back from; 2 is gone


def test_a_reader_of_a_removed_release_goes_on_reading(store: ReleaseStore) -> None:
    with connect(store.current_link / "equity.duckdb") as reader:
        for _ in range(2):
            publish_next(store, 1)
        assert 3 not in on_disk(store)
        assert reader.execute(
            "select distinct version, count(*) from pub_unit_results group by 1"
        ).fetchall() == [(3, 30)]


def test_a_damaged_old_release_does_not_turn_a_publication_into_a_refusal(store: ReleaseStore) -> None:
    manifest = store.get("R000001").folder / "manifest.json"
    manifest.chmod(0o600)
    manifest.write_text("damaged")
    publish_next(store, 2)
    assert on_disk(store) == [3, 4]


def test_candidates_of_earlier_releases_go_and_undecided_ones_stay(store: ReleaseStore) -> None:
    undecided = build(store.data_dir, "undecided")
    publish_next(store, None)
    publish_next(store, None)
    assert {path.name for path in store.candidates_dir.iterdir()} == {"undecided", "b5"}
    assert undecided.file.is_file()


@pytest.mark.parametrize(("keep", "left"), [(None, {"bad1", "bad2", "bad3"}), (2, {"bad2", "bad3"})])
def test_refused_candidates_are_kept_for_inspection_as_many_as_releases(
    store: ReleaseStore, keep: int | None, left: set[str]
) -> None:
    for name in ("bad1", "bad2", "bad3"):
        with pytest.raises(ReleaseRefusedError):
            publish(store, build(store.data_dir, name), PARTS)
    publish_next(store, keep)
    assert {path.name for path in store.candidates_dir.iterdir()} - {"b7"} == left
