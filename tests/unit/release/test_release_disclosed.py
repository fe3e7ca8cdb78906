"""What a release makes known is remembered for good, and a release is audited against all of it."""

from pathlib import Path

import pandas as pd
import pytest
from release_kit import PARTS, audited

from dagster_project.lib.disclosure import register
from dagster_project.lib.disclosure.errors import RegisterError
from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release import audit
from dagster_project.lib.release.disclosed import file_of, read_register, write_entries
from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.store import ReleaseStore
from dagster_project.lib.release.sweep import sweep


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path)


def publish_next(store: ReleaseStore, version: int, keep: int | None = None) -> str:
    candidate = audited(store.data_dir, f"b{version}", version=version, units=3, disclosing=True)
    return publish(store, candidate, PARTS, PublishOptions(keep=keep)).id


def read(store: ReleaseStore) -> pd.DataFrame:
    return read_register(store.register_dir, store.disclosed())


def test_before_the_first_release_nothing_is_known(store: ReleaseStore) -> None:
    assert read(store).empty


def test_publication_writes_down_what_it_makes_known(store: ReleaseStore) -> None:
    publish_next(store, 1)
    assert read(store)["cell_id"].tolist() == ["A|not reached#1", "B|not reached#1"]
    manifest = store.get("R000001").manifest
    assert manifest.disclosed == store.log.moves()[-1].disclosed == store.disclosed()["R000001"]


def test_what_a_removed_release_made_known_stays_known(store: ReleaseStore) -> None:
    for version in (1, 2, 3, 4):
        publish_next(store, version, keep=2)
    assert "R000001" not in {path.name for path in store.folders()}
    assert set(read(store)["release_id"]) == {"R000001", "R000002", "R000003", "R000004"}


def test_a_release_that_shows_nothing_under_disclosure_control_is_in_no_register(store: ReleaseStore) -> None:
    publish(store, audited(store.data_dir, "b1", units=3), PARTS)
    assert store.disclosed() == {}


def test_a_release_published_since_the_audit_refuses_the_candidate(store: ReleaseStore) -> None:
    first = audited(store.data_dir, "b1", version=1, units=3, disclosing=True)
    second = audited(store.data_dir, "b2", version=2, units=3, disclosing=True)
    publish(store, first, PARTS)
    with pytest.raises(ReleaseRefusedError, match="other releases than those it was audited against"):
        publish(store, second, PARTS)
    assert store.pointer() == "R000001"


def test_what_is_made_known_must_be_what_was_audited(store: ReleaseStore) -> None:
    candidate = audited(store.data_dir, "b1", units=3, disclosing=True)
    path = candidate.folder / audit.DISCLOSED_FILE
    write_entries(path, pd.read_parquet(path).assign(high=99))
    with pytest.raises(ReleaseRefusedError, match="is not what was audited"):
        publish(store, candidate, PARTS)
    path.unlink()
    with pytest.raises(ReleaseRefusedError, match="cannot be read"):
        publish(store, candidate, PARTS)
    assert store.pointer() is None


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda path: path.unlink(), "cannot be read"),
        (lambda path: path.write_bytes(b"PAR1"), "cannot be read"),
        (
            lambda path: write_entries(path, pd.read_parquet(path).iloc[:1]),
            "does not hold what release R000001",
        ),
        (lambda path: write_entries(path, pd.read_parquet(path).assign(low=0)), "does not hold what release"),
    ],
)
def test_a_register_that_is_not_whole_stops_everything(store: ReleaseStore, damage, message) -> None:
    publish_next(store, 1)
    damage(file_of(store.register_dir, "R000001"))
    with pytest.raises(RegisterError, match=message):
        read(store)


def test_entries_of_a_release_that_never_came_to_be_are_swept(store: ReleaseStore) -> None:
    publish_next(store, 1)
    stray = file_of(store.register_dir, "R000009")
    write_entries(stray, pd.DataFrame([("R000009", "C", 1, 1)], columns=register.COLUMNS))
    assert sweep(store) == ["register/R000009.parquet: of a release that was never finished; removed."]
    assert not stray.exists()
    assert set(read(store)["release_id"]) == {"R000001"}
