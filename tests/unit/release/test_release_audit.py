"""The verdict on a candidate: refused unless enough was asked, answered, and answered well."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError
from release_kit import build, expectation, record_for, suite

from dagster_project.lib.errors import ReleaseRefusedError
from dagster_project.lib.release import audit
from dagster_project.lib.release.audit import AuditRecord, SuiteResult
from dagster_project.lib.release.candidate import Candidate


def record(*suites: SuiteResult, required: list[str] | None = None) -> AuditRecord:
    return AuditRecord(
        build_id="b1",
        file_sha256="0" * 64,
        code_fingerprint="f",
        suites=list(suites),
        required_suites=[each.suite for each in suites] if required is None else required,
    )


def only(record_: AuditRecord) -> str:
    """The one reason against the release."""
    (reason,) = record_.refusals()
    assert record_.verdict == "refused"
    return reason


def without(type_: str) -> SuiteResult:
    whole = suite("pub_a")
    return whole.model_copy(update={"expectations": [e for e in whole.expectations if e.type != type_]})


def test_a_suite_that_asks_enough_and_passes_lets_the_candidate_through() -> None:
    passed = record(suite("pub_a"))
    assert passed.refusals() == []
    assert passed.verdict == "passed"


def test_no_required_suite_is_a_refusal() -> None:
    assert "nothing was audited" in only(record(suite("pub_a"), required=[]))


def test_a_required_suite_that_did_not_run_is_named() -> None:
    reason = only(record(suite("pub_a"), required=["published.pub_a", "published.pub_b"]))
    assert reason.startswith("Suite published.pub_b: it was required but did not run.")


def test_an_empty_suite_is_a_refusal() -> None:
    assert "holds no expectation" in only(record(suite("pub_a").model_copy(update={"expectations": []})))


@pytest.mark.parametrize(
    ("left_out", "would_pass"),
    [
        ("expect_table_row_count_to_be_between", "an empty table passes"),
        ("expect_column_values_to_not_be_null", "an empty column passes"),
    ],
)
def test_a_suite_that_an_empty_delivery_would_pass_is_a_refusal(left_out: str, would_pass: str) -> None:
    assert would_pass in only(record(without(left_out)))


def test_an_expectation_without_a_result_is_a_refusal_whatever_its_severity() -> None:
    silent = expectation("expect_column_values_to_be_unique", success=None, severity="info")
    reason = only(record(suite("pub_a", silent)))
    assert "expect_column_values_to_be_unique__1: it gave no result" in reason
    assert "Owner: skolanalys@kommun.example" in reason


def test_a_critical_failure_names_suite_expectation_owner_and_remedy() -> None:
    failed = expectation(
        "expect_column_values_to_be_unique", success=False, rows_affected=4, observed="4 double"
    )
    assert only(record(suite("pub_a", failed))) == (
        "Suite published.pub_a, expectation expect_column_values_to_be_unique__1 on table pub_a failed "
        "(4 rows). Observed: 4 double. "
        "Why it matters: The board compares units. Owner: skolanalys@kommun.example. "
        "What to do: Ask the unit for a new delivery."
    )


def test_a_critical_failure_in_a_suite_that_was_not_required_is_a_refusal_too() -> None:
    failed = suite("pub_b", expectation("expect_column_values_to_be_unique", success=False))
    assert "published.pub_b" in only(record(suite("pub_a"), failed, required=["published.pub_a"]))


@pytest.mark.parametrize("severity", ["warning", "info"])
def test_a_lesser_failure_does_not_stop_the_release(severity: str) -> None:
    failed = expectation("expect_column_values_to_be_unique", success=False, severity=severity)
    lenient = record(suite("pub_a", failed))
    assert lenient.verdict == "passed"
    assert lenient.warnings() == ([failed] if severity == "warning" else [])


def test_every_reason_is_given_and_not_only_the_first() -> None:
    failed = expectation("expect_column_values_to_be_unique", success=False)
    silent = expectation("expect_column_values_to_be_unique", success=None)
    reasons = record(
        suite("pub_a", failed, silent), required=["published.pub_a", "published.pub_b"]
    ).refusals()
    assert len(reasons) == 3


def test_a_table_that_no_required_suite_looks_at_is_found() -> None:
    looked_at = record(suite("pub_a"), suite("pub_b"), required=["published.pub_a"])
    assert looked_at.unaudited(["pub_a", "pub_b", "pub_c"]) == ["pub_b", "pub_c"]


@pytest.mark.parametrize("success", ["true", 1, "passed"])
def test_only_a_boolean_is_a_result(success: object) -> None:
    with pytest.raises(ValidationError):
        expectation("expect_column_values_to_be_unique", success=success)


def test_a_severity_nobody_knows_is_not_taken_for_a_lesser_one() -> None:
    with pytest.raises(ValidationError):
        expectation("expect_column_values_to_be_unique", severity="minor")


def test_an_observation_has_no_room_for_rows() -> None:
    with pytest.raises(ValidationError):
        expectation("expect_column_values_to_be_unique", observed="x" * 301)


# The record on disk.


@pytest.fixture
def candidate(tmp_path: Path) -> Candidate:
    return build(tmp_path, "b1")


def test_a_saved_record_is_found_for_its_candidate(candidate: Candidate) -> None:
    saved = record_for(candidate)
    audit.save(saved, candidate)
    assert audit.load_for(candidate) == saved


def test_a_candidate_without_a_record_is_refused(candidate: Candidate) -> None:
    with pytest.raises(ReleaseRefusedError, match="has not been audited"):
        audit.load_for(candidate)


def test_the_record_of_another_build_is_neither_saved_nor_loaded(candidate: Candidate) -> None:
    other = record_for(candidate).model_copy(update={"build_id": "b2"})
    with pytest.raises(ReleaseRefusedError, match="of build b2"):
        audit.save(other, candidate)
    (candidate.folder / "audit.json").write_text(other.model_dump_json())
    with pytest.raises(ReleaseRefusedError, match="of build b2"):
        audit.load_for(candidate)


def test_a_file_that_changed_after_its_audit_is_refused(candidate: Candidate) -> None:
    audit.save(record_for(candidate), candidate)
    candidate.file.chmod(0o600)
    content = bytearray(candidate.file.read_bytes())
    content[len(content) // 2] ^= 1
    candidate.file.write_bytes(content)
    with pytest.raises(ReleaseRefusedError, match="not the file that was built"):
        audit.load_for(candidate)


def test_a_file_that_changed_before_its_audit_is_refused_too(candidate: Candidate) -> None:
    changed = record_for(candidate).model_copy(update={"file_sha256": "0" * 64})
    audit.save(changed, candidate)
    with pytest.raises(ReleaseRefusedError, match="not the file that was audited"):
        audit.load_for(candidate)


def test_a_candidate_whose_file_is_gone_is_refused(candidate: Candidate) -> None:
    audit.save(record_for(candidate), candidate)
    candidate.file.unlink()
    with pytest.raises(ReleaseRefusedError, match="is gone"):
        audit.load_for(candidate)


@pytest.mark.parametrize("cut", [0, 1, 200])
def test_a_record_that_was_cut_off_is_refused(candidate: Candidate, cut: int) -> None:
    path = audit.save(record_for(candidate), candidate)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(ReleaseRefusedError, match="not a complete audit record"):
        audit.load_for(candidate)


def test_a_verdict_written_into_the_file_is_not_believed(candidate: Candidate) -> None:
    failed = expectation("expect_column_values_to_be_unique", success=False)
    path = audit.save(record_for(candidate, failed), candidate)
    content = json.loads(path.read_text())
    assert content["verdict"] == "refused"
    path.write_text(json.dumps(content | {"verdict": "passed"}))
    assert audit.load_for(candidate).verdict == "refused"
