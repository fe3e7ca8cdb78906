"""The store of extracts: nothing overwritten, nothing acknowledged lost, nothing outside its root."""

import datetime as dt
import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dagster_project.lib.answers import Answer
from dagster_project.lib.extract_store import ExtractStore

# Kills itself without warning at the n-th call of a function the store uses, in the middle of a put.
_KILLED_PUT = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    from dagster_project.lib import extract_store
    from dagster_project.lib.answers import Answer

    root, victim, turn = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    calls = 0

    def deadly(real):
        def call(*args, **kwargs):
            global calls
            calls += 1
            if calls == turn:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*args, **kwargs)
        return call

    if victim == "fsync":
        os.fsync = deadly(os.fsync)
    elif victim == "replace":
        Path.replace = deadly(Path.replace)
    else:
        extract_store.ExtractStore._append = deadly(extract_store.ExtractStore._append)
    extract_store.ExtractStore(root).put(
        source="siris", dataset="pupils", period="2025", answers=[Answer("new.csv", b"new bytes")]
    )
    """
)


def put(store: ExtractStore, *answers: Answer, source="siris", dataset="pupils", period="2024"):
    return store.put(source=source, dataset=dataset, period=period, answers=answers)


def files(root: Path) -> list[str]:
    return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())


def test_what_was_received_comes_back_byte_for_byte(tmp_path):
    store = ExtractStore(tmp_path)
    extract = put(store, Answer("elever 2024.csv", "﻿Kommun;Antal\r\nÅre;1 234\r\n".encode()))
    assert store.answers(extract) == [Answer("elever 2024.csv", "﻿Kommun;Antal\r\nÅre;1 234\r\n".encode())]
    assert list(ExtractStore(tmp_path).manifest()) == [extract]
    assert (tmp_path / extract.path).read_bytes() == store.answers(extract)[0].body


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=20), st.binary(max_size=60)),
        min_size=1,
        max_size=5,
        unique_by=lambda item: item[0],
    )
)
def test_any_bytes_under_any_address_come_back_in_order_of_address(tmp_path_factory, delivered):
    store = ExtractStore(tmp_path_factory.mktemp("store"))
    answers = [Answer(address.encode("utf-8", "ignore").decode(), body) for address, body in delivered]
    answers = list({answer.address: answer for answer in answers}.values())
    extract = put(store, *answers)
    assert store.answers(extract) == sorted(answers, key=lambda answer: answer.address)
    assert list(store.manifest()) == [extract]


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfeK\x00o\x00",
        "Åre;Västra".encode("cp1252"),
        b"\x00\x01\x02",
        b"\xed\xa0\x80 lone surrogate",
        b"PK\x03\x04",
    ],
    ids=["utf-16", "windows-1252", "control characters", "lone surrogate", "packed"],
)
def test_bodies_that_are_no_utf8_are_kept_alone_and_among_others(tmp_path, body):
    store = ExtractStore(tmp_path)
    alone = put(store, Answer("a", body))
    among = put(store, Answer("a", body), Answer("b", b"{}"), period="2025")
    assert store.answers(alone)[0].body == body
    assert store.answers(among)[0].body == body


def test_the_same_bytes_for_the_same_period_are_one_extract(tmp_path):
    store = ExtractStore(tmp_path)
    first = put(store, Answer("b", b"2"), Answer("a", b"1"))
    before = files(tmp_path)
    again = put(ExtractStore(tmp_path), Answer("a", b"1"), Answer("b", b"2"))
    assert again == first
    assert list(store.manifest()) == [first]
    assert files(tmp_path) == before


@pytest.mark.parametrize(
    "other",
    [
        {"answers": [Answer("a", b"2")]},
        {"answers": [Answer("b", b"1")]},
        {"period": "2025"},
        {"dataset": "teachers"},
        {"source": "kolada"},
    ],
    ids=["other bytes", "other address", "other period", "other dataset", "other source"],
)
def test_what_differs_in_anything_is_an_extract_of_its_own_and_the_first_stays(tmp_path, other):
    store = ExtractStore(tmp_path)
    asked = {"source": "siris", "dataset": "pupils", "period": "2024", "answers": [Answer("a", b"1")]}
    first = store.put(**asked)
    second = store.put(**{**asked, **other})
    assert second.extract_id != first.extract_id
    assert second.path != first.path
    assert list(store.manifest()) == [first, second]
    assert store.answers(first) == [Answer("a", b"1")]


def test_moving_bytes_between_answers_makes_another_extract(tmp_path):
    store = ExtractStore(tmp_path)
    assert (
        put(store, Answer("a", b"12"), Answer("b", b"3")).sha256
        != put(store, Answer("a", b"1"), Answer("b", b"23")).sha256
    )


@pytest.mark.parametrize(
    "name",
    ["../../escaped", "/etc/passwd", "..", ".", "a/b\\c", "närvaro\n2024", "x" * 200, "CON", "-", "%2e%2e"],
)
@pytest.mark.parametrize("place", ["source", "dataset", "period"])
def test_hostile_names_stay_below_the_root(tmp_path, place, name):
    root = tmp_path / "deep" / "root"
    store = ExtractStore(root)
    extract = put(store, Answer("a", b"1"), **{place: name})
    assert (root / extract.path).resolve().is_relative_to(root.resolve())
    assert [p for p in tmp_path.rglob("*") if p.is_file() and not p.is_relative_to(root)] == []
    assert store.answers(extract) == [Answer("a", b"1")]
    assert list(store.manifest()) == [extract]


@pytest.mark.parametrize("place", ["source", "dataset", "period"])
def test_an_empty_name_is_refused(tmp_path, place):
    with pytest.raises(ValueError, match="empty names"):
        put(ExtractStore(tmp_path / "root"), Answer("a", b"1"), **{place: ""})
    assert files(tmp_path) == []


def test_a_delivery_of_nothing_is_refused(tmp_path):
    with pytest.raises(ValueError, match="nothing was delivered"):
        put(ExtractStore(tmp_path))
    assert files(tmp_path) == []


@pytest.mark.faults
@pytest.mark.parametrize(
    ("victim", "turn"),
    [("fsync", 1), ("replace", 1), ("append", 1), ("fsync", 2)],
    ids=["bytes written", "before rename", "before manifest", "manifest written, not synced"],
)
def test_a_kill_at_any_point_loses_nothing_acknowledged_and_the_next_put_completes(tmp_path, victim, turn):
    store = ExtractStore(tmp_path)
    acknowledged = put(store, Answer("old.csv", b"old bytes"))
    killed = subprocess.run(
        [sys.executable, "-c", _KILLED_PUT, str(tmp_path), victim, str(turn)], check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL

    after = list(store.manifest())
    assert after[0] == acknowledged
    for extract in after:
        assert store.answers(extract), "every extract of the manifest has its bytes"
    assert store.answers(acknowledged) == [Answer("old.csv", b"old bytes")]

    again = put(store, Answer("new.csv", b"new bytes"), period="2025")
    assert store.answers(again) == [Answer("new.csv", b"new bytes")]
    assert list(store.manifest()) == [acknowledged, again]


@pytest.mark.faults
def test_a_manifest_line_torn_at_any_byte_is_left_out_and_written_anew(tmp_path):
    store = ExtractStore(tmp_path)
    kept = put(store, Answer("a", b"1"))
    torn = put(store, Answer("närvaro höst.csv", b"2"), period="2025")
    manifest = tmp_path / "manifest.jsonl"
    whole = manifest.read_bytes()
    start = whole.index(b"\n") + 1
    for end in range(start, len(whole)):
        manifest.write_bytes(whole[:end])
        assert list(store.manifest()) == [kept], f"torn after byte {end - start}"
    # Cut in the middle of a letter of two bytes.
    manifest.write_bytes(whole[: whole.index("ä".encode()) + 1])
    again = put(store, Answer("närvaro höst.csv", b"2"), period="2025")
    assert again.sha256 == torn.sha256
    assert list(store.manifest()) == [kept, again]
    assert [json.loads(line)["period"] for line in manifest.read_text().splitlines()] == ["2024", "2025"]


def test_no_put_ever_changes_the_bytes_of_an_earlier_one(tmp_path):
    store = ExtractStore(tmp_path)
    kept = {put(store, Answer("a", bytes([n]))).path: bytes([n]) for n in range(5)}
    put(store, Answer("a", bytes([0])))
    assert {path: (tmp_path / path).read_bytes() for path in kept} == kept


# --- files of rows ----------------------------------------------------------------------------------------


def keep(store: ExtractStore, content: bytes, sha256: str = "ab" * 32):
    with store.staging() as folder:
        (folder / "rows").write_bytes(content)
        return store.keep(
            folder / "rows",
            source="ss12000",
            dataset="grades",
            period="full",
            address="https://x/grades",
            answers=3,
            fetched_at=dt.datetime(2026, 11, 20, 5, 15, tzinfo=dt.timezone(dt.timedelta(hours=1))),
            sha256=sha256,
            size_bytes=900,
        )


def test_a_file_of_rows_is_taken_over_and_the_same_again_is_the_same_extract(tmp_path):
    store = ExtractStore(tmp_path)
    extract = keep(store, b"rows")
    assert (tmp_path / extract.path).read_bytes() == b"rows"
    assert extract.fetched_at == "2026-11-20T04:15:00+00:00"
    assert (extract.answers, extract.size_bytes) == (3, 900)
    assert keep(store, b"other rows of the same bytes") == extract
    assert (tmp_path / extract.path).read_bytes() == b"rows"
    assert list(store.manifest()) == [extract]


def test_what_a_crash_left_in_the_staging_folder_is_swept(tmp_path):
    store = ExtractStore(tmp_path)
    (tmp_path / ".staging").mkdir()
    (tmp_path / ".staging" / "left").write_text("over")
    with store.staging() as folder:
        assert list(folder.iterdir()) == []
    assert not folder.exists()


def test_an_extract_whose_file_has_been_pruned_is_stored_again(tmp_path):
    store = ExtractStore(tmp_path)
    extract = keep(store, b"rows")
    (tmp_path / extract.path).unlink()
    again = keep(store, b"rows")
    assert again.extract_id == extract.extract_id
    assert (tmp_path / again.path).read_bytes() == b"rows"
