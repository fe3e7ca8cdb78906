"""A candidate becomes the release that readers see, or does not and says why."""

import datetime as dt
import json
import stat
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from release_kit import KEYS, PARTS, TABLES, audited, build, expectation, record_for

from dagster_project.lib.errors import ReleaseRefusedError, SettingsError
from dagster_project.lib.release import audit
from dagster_project.lib.release.durable import sha256
from dagster_project.lib.release.publish import PHASES, PublishOptions, publish
from dagster_project.lib.release.reader import connect
from dagster_project.lib.release.store import ReleaseStore

OPTIONS = PublishOptions(key_columns=KEYS)


@pytest.fixture
def store(tmp_path: Path) -> ReleaseStore:
    return ReleaseStore(tmp_path)


def test_a_release_holds_everything_the_manifest_says_and_nothing_else(one_release: ReleaseStore) -> None:
    release = one_release.get("R000001")
    on_disk = {str(path.relative_to(release.folder)) for path in release.folder.rglob("*") if path.is_file()}
    assert on_disk == {
        "equity.duckdb",
        "parquet/pub_unit_results.parquet",
        "parquet/pub_municipality_results.parquet",
        "csv/pub_unit_results.csv",
        "csv/pub_municipality_results.csv",
        "audit.json",
        "difference.json",
        "manifest.json",
    }
    assert set(release.manifest.files) == on_disk - {"manifest.json"}
    for name, entry in release.manifest.files.items():
        assert sha256(release.folder / name) == entry.sha256
        assert (release.folder / name).stat().st_size == entry.bytes


def test_the_manifest_tells_what_the_release_was_made_of(store: ReleaseStore) -> None:
    warning = expectation("expect_column_values_to_be_unique", success=False, severity="warning")
    candidate = build(store.data_dir, "b1")
    audit.save(record_for(candidate, warning), candidate)
    noon = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    publish(store, candidate, PARTS, PublishOptions(key_columns=KEYS, now=lambda: noon))
    manifest = json.loads((store.current_link / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["id"], manifest["build_id"], manifest["previous"]) == ("R000001", "b1", None)
    assert manifest["created_at"] == "2026-11-22T11:00:00Z"
    assert manifest["code_version"] == PARTS.code_version
    assert manifest["code_fingerprint"] == "f" * 64
    assert manifest["dbt_manifest_sha256"] == PARTS.dbt_manifest_sha256
    assert [extract["source"] for extract in manifest["extracts"]] == ["kolada"]
    assert manifest["suppressed_cells"] == {"pub_unit_results": 3}
    assert manifest["lacks"] == PARTS.lacks
    assert manifest["tables"]["pub_unit_results"]["rows"] == 30
    assert manifest["tables"]["pub_unit_results"]["comment"] == "Results of year 9 by school unit; it's åk 9"
    assert manifest["tables"]["pub_unit_results"]["columns"][4] == {
        "name": "merit_value",
        "type": "DECIMAL(6,2)",
        "comment": "Mean merit value, 0-340",
    }
    assert (manifest["expectations"]["expectations"], manifest["expectations"]["passed"]) == (5, 4)
    assert [each["id"] for each in manifest["expectations"]["warnings"]] == [warning.id]


def test_no_file_of_a_release_names_the_machine_it_was_made_on(store: ReleaseStore) -> None:
    release = publish(store, audited(store.data_dir, "b1"), PARTS, OPTIONS)
    for path in release.folder.rglob("*.json"):
        assert str(store.data_dir) not in path.read_text(encoding="utf-8")


def test_the_release_id_stands_in_every_row_of_every_table_and_export(one_release: ReleaseStore) -> None:
    release = one_release.get("R000001")
    with connect(release.file) as connection:
        for table in TABLES:
            found = connection.execute(f"select distinct release_id from {table}").fetchall()
            assert found == [("R000001",)]
            exported = pq.read_table(release.folder / "parquet" / f"{table}.parquet")
            assert set(exported.column("release_id").to_pylist()) == {"R000001"}


def test_current_is_a_relative_link_so_that_the_data_directory_can_move(one_release: ReleaseStore) -> None:
    assert one_release.current_link.readlink() == Path("releases/R000001")


def test_a_release_is_read_only_and_shares_no_bytes_with_its_candidate(store: ReleaseStore) -> None:
    candidate = audited(store.data_dir, "b1")
    release = publish(store, candidate, PARTS, OPTIONS)
    for path in [release.folder, *release.folder.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o222 == 0, path
    assert not candidate.file.samefile(release.file)


def test_the_difference_from_the_last_release_is_in_the_manifest_and_beside_it(
    one_release: ReleaseStore,
) -> None:
    candidate = audited(one_release.data_dir, "b2", version=2, units=31)
    release = publish(one_release, candidate, PARTS, OPTIONS)
    assert release.manifest.previous == "R000001"
    assert release.manifest.difference.sentences == [
        "pub_municipality_results: 0 rows added, 0 removed, 1 changed (version in 1).",
        "pub_unit_results: 1 row added, 0 removed, 30 changed (merit_value in 30, version in 30).",
    ]
    beside = json.loads((release.folder / "difference.json").read_text(encoding="utf-8"))
    assert beside == release.manifest.difference.model_dump(mode="json")


def test_pictures_and_reports_are_taken_into_the_release(store: ReleaseStore, tmp_path: Path) -> None:
    pictures = tmp_path / "drawn"
    pictures.mkdir()
    (pictures / "gap.svg").write_text("<svg/>")
    page = tmp_path / "page.html"
    page.write_text("<html/>")
    attachments = {"pictures": pictures, "quality/index.html": page}
    release = publish(store, audited(tmp_path, "b1"), PARTS, PublishOptions(attachments=attachments))
    assert {"pictures/gap.svg", "quality/index.html"} < set(release.manifest.files)
    page.write_text("changed later")
    assert (release.folder / "quality/index.html").read_text() == "<html/>"


@pytest.mark.parametrize(
    "name", ["../outside", "/tmp/outside", "quality/../../x", "equity.duckdb", "csv", ""]
)
def test_an_attachment_cannot_leave_the_release_or_replace_its_files(store: ReleaseStore, name: str) -> None:
    page = store.data_dir / "page.html"
    page.write_text("<html/>")
    with pytest.raises(SettingsError, match="Attachment"):
        publish(store, audited(store.data_dir, "b1"), PARTS, PublishOptions(attachments={name: page}))
    assert store.pointer() is None
    assert list(store.releases_dir.glob(".new-*")) == []


def test_a_symbolic_link_among_the_attachments_is_refused(store: ReleaseStore) -> None:
    pictures = store.data_dir / "drawn"
    pictures.mkdir()
    (pictures / "gap.svg").symlink_to("/etc/hostname")
    with pytest.raises(SettingsError, match="symbolic link"):
        publish(
            store, audited(store.data_dir, "b1"), PARTS, PublishOptions(attachments={"pictures": pictures})
        )


# What is refused leaves the last good release and says why.


def refused(store: ReleaseStore, build_id: str, match: str) -> None:
    """The last event refuses ``build_id``, the reason lies beside it, and ``current`` has not moved."""
    event = store.log.events()[-1]
    assert (event.event, event.build_id) == ("refused", build_id)
    assert match in " ".join(event.reasons)
    assert match in (store.candidates_dir / build_id / "refusal.txt").read_text(encoding="utf-8")
    assert store.pointer() == "R000001"
    assert [folder.name for folder in store.folders()] == ["R000001"]


def test_a_candidate_that_was_never_audited_is_refused(one_release: ReleaseStore) -> None:
    candidate = build(one_release.data_dir, "b2")
    with pytest.raises(ReleaseRefusedError, match="has not been audited"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "has not been audited")


def test_the_audit_of_another_build_does_not_count(one_release: ReleaseStore) -> None:
    other, candidate = audited(one_release.data_dir, "b2"), build(one_release.data_dir, "b3")
    (candidate.folder / "audit.json").write_bytes((other.folder / "audit.json").read_bytes())
    with pytest.raises(ReleaseRefusedError, match="of build b2"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b3", "of build b2")


def test_a_candidate_that_changed_after_its_audit_is_refused(one_release: ReleaseStore) -> None:
    candidate = audited(one_release.data_dir, "b2")
    candidate.file.chmod(0o600)
    with duckdb.connect(candidate.file) as connection:
        connection.execute("update pub_unit_results set merit_value = 340")
    with pytest.raises(ReleaseRefusedError, match="not the file that was built"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "not the file that was built")


def test_a_failed_critical_expectation_is_refused_with_owner_and_remedy(one_release: ReleaseStore) -> None:
    candidate = build(one_release.data_dir, "b2")
    failed = expectation("expect_column_values_to_be_unique", success=False, rows_affected=4)
    audit.save(record_for(candidate, failed), candidate)
    with pytest.raises(ReleaseRefusedError, match=r"Owner: skolanalys@kommun\.example"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "Ask the unit for a new delivery.")


def test_a_published_table_that_no_suite_looks_at_is_refused(one_release: ReleaseStore) -> None:
    candidate = build(one_release.data_dir, "b2")
    whole = record_for(candidate)
    audit.save(
        whole.model_copy(update={"suites": whole.suites[:1], "required_suites": whole.required_suites[:1]}),
        candidate,
    )
    with pytest.raises(ReleaseRefusedError, match="Table pub_municipality_results: no required suite"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "no required suite looks at it")


def test_a_candidate_damaged_on_disk_is_refused_even_if_the_audit_is_of_the_damaged_file(
    one_release: ReleaseStore,
) -> None:
    candidate = build(one_release.data_dir, "b2", units=60_000)
    candidate.file.chmod(0o600)
    content = bytearray(candidate.file.read_bytes())
    content[3 * 4096 + 262_144 + 1000] ^= 0xFF  # in a block of rows
    candidate.file.write_bytes(content)
    damaged = candidate.model_copy(update={"sha256": sha256(candidate.file)})
    audit.save(record_for(damaged), damaged)
    with pytest.raises(ReleaseRefusedError, match="damaged and cannot be read back"):
        publish(one_release, damaged, PARTS, OPTIONS)
    refused(one_release, "b2", "damaged")


def test_a_write_ahead_log_beside_the_candidate_is_refused(one_release: ReleaseStore) -> None:
    candidate = audited(one_release.data_dir, "b2")
    (candidate.folder / "equity.duckdb.wal").write_bytes(b"of another file")
    with pytest.raises(ReleaseRefusedError, match="write-ahead log"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "write-ahead log")


def test_a_candidate_labelled_with_another_release_id_is_refused(one_release: ReleaseStore) -> None:
    candidate = audited(one_release.data_dir, "b2").model_copy(update={"release_id": "R000009"})
    with pytest.raises(ReleaseRefusedError, match="another release id than R000009"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "another release id")


def test_a_release_is_never_overwritten(one_release: ReleaseStore) -> None:
    before = sha256(one_release.data_dir / "current" / "equity.duckdb")
    candidate = audited(one_release.data_dir, "b2", version=2).model_copy(update={"release_id": "R000001"})
    with pytest.raises(ReleaseRefusedError, match="never overwritten"):
        publish(one_release, candidate, PARTS, OPTIONS)
    refused(one_release, "b2", "never overwritten")
    assert sha256(one_release.data_dir / "current" / "equity.duckdb") == before


def test_an_older_candidate_does_not_replace_a_newer_release(store: ReleaseStore) -> None:
    older, newer = audited(store.data_dir, "b1"), audited(store.data_dir, "b2", version=2)
    publish(store, newer, PARTS, OPTIONS)
    with pytest.raises(ReleaseRefusedError, match="R000001 is older than R000002"):
        publish(store, older, PARTS, OPTIONS)
    assert store.pointer() == "R000002"


def test_publishing_again_changes_nothing(one_release: ReleaseStore) -> None:
    candidate = audited(one_release.data_dir, "b2", version=2)
    first = publish(one_release, candidate, PARTS, OPTIONS)
    events = one_release.log.events()
    assert publish(one_release, candidate, PARTS, OPTIONS) == first
    assert one_release.log.events() == events


def test_a_release_that_was_rolled_back_does_not_return_by_publishing_it_again(
    one_release: ReleaseStore,
) -> None:
    candidate = audited(one_release.data_dir, "b2", version=2)
    publish(one_release, candidate, PARTS, OPTIONS)
    one_release.rollback("R000001", "wrong units")
    with pytest.raises(ReleaseRefusedError, match="left by a rollback"):
        publish(one_release, candidate, PARTS, OPTIONS)
    assert one_release.pointer() == "R000001"


def test_a_refused_candidate_can_be_published_once_it_is_audited(one_release: ReleaseStore) -> None:
    candidate = build(one_release.data_dir, "b2", version=2)
    with pytest.raises(ReleaseRefusedError):
        publish(one_release, candidate, PARTS, OPTIONS)
    audit.save(record_for(candidate), candidate)
    assert publish(one_release, candidate, PARTS, OPTIONS).id == "R000002"


def test_a_damaged_last_release_does_not_keep_a_sound_one_from_readers(one_release: ReleaseStore) -> None:
    last = one_release.get("R000001").file
    last.chmod(0o600)
    last.write_bytes(last.read_bytes()[:5000])
    release = publish(one_release, audited(one_release.data_dir, "b2"), PARTS, OPTIONS)
    assert one_release.pointer() == "R000002"
    assert "Not compared with R000001" in release.manifest.difference.sentences[0]


def test_a_clock_that_jumps_back_changes_neither_ids_nor_order(store: ReleaseStore) -> None:
    for number, year in enumerate([2026, 2001, 2026], start=1):
        moment = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
        options = PublishOptions(now=lambda moment=moment: moment)
        publish(store, audited(store.data_dir, f"b{number}"), PARTS, options)
    assert [release.id for release in store.releases()] == ["R000001", "R000002", "R000003"]
    assert [release.manifest.created_at.year for release in store.releases()] == [2026, 2001, 2026]
    assert store.pointer() == "R000003"


def test_every_phase_is_passed_once_and_in_order(store: ReleaseStore) -> None:
    passed: list[str] = []
    for number in range(1, 5):
        passed.clear()
        publish(
            store, audited(store.data_dir, f"b{number}"), PARTS, PublishOptions(keep=1, fail_at=passed.append)
        )
    assert tuple(passed) == PHASES


@pytest.mark.parametrize("keep", [0, -1])
def test_keeping_no_release_is_refused(store: ReleaseStore, keep: int) -> None:
    with pytest.raises(SettingsError, match="at least 1"):
        publish(store, audited(store.data_dir, "b1"), PARTS, PublishOptions(keep=keep))
