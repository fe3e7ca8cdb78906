"""Recorded answers are served at the agencies' own paths and queries."""

import gzip
import json
from pathlib import Path

import httpx
import pytest

from dagster_project.lib.http.recorded import RecordedServer


@pytest.fixture
def sample_dir(tmp_path: Path) -> Path:
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/a.csv").write_bytes(b"\xef\xbb\xbfKommun;Antal\nUppsala;1\n")
    with gzip.open(tmp_path / "answers.ndjson.gz", "wt", encoding="utf-8") as lines:
        for number in range(3):
            url = f"https://agency.invalid/api/units?page={number}&area=0380"
            lines.write(json.dumps({"url": url, "json": {"page": number, "name": "Årsta"}}) + "\n")
    index = {
        "sources": {"agency": "https://agency.invalid/api"},
        "files": {"https://agency.invalid/api/export/?id=139&year=2025&area=": "reports/a.csv"},
        "answers": ["answers.ndjson.gz"],
    }
    (tmp_path / "index.json").write_text(json.dumps(index))
    return tmp_path


@pytest.fixture
def get(sample_dir):
    with RecordedServer(sample_dir) as server, httpx.Client(trust_env=False) as client:
        base = server.base_url("agency")
        yield lambda path, **headers: client.get(base + path, headers=headers)


def test_a_recorded_file_comes_byte_for_byte(get, sample_dir):
    answer = get("/export/?id=139&year=2025&area=")
    assert answer.status_code == 200
    assert answer.content == (sample_dir / "reports/a.csv").read_bytes()
    assert answer.headers["Content-Type"] == "text/csv"


def test_the_order_of_the_query_does_not_matter_but_its_values_do(get):
    assert get("/export/?area=&year=2025&id=139").status_code == 200
    assert get("/units?area=0380&page=2").json() == {"page": 2, "name": "Årsta"}
    assert get("/units?area=0381&page=2").status_code == 404
    assert get("/export/?id=139&year=2025").status_code == 404
    assert get("/export/?id=139&year=2025&area=&flikar=0").status_code == 404


@pytest.mark.parametrize("path", ["/", "/units", "/unknown", "/../index.json", "/%2e%2e/index.json"])
def test_what_is_not_recorded_is_404(get, path):
    assert get(path).status_code == 404


def test_an_answer_known_by_its_etag_is_not_sent_again(get):
    first = get("/units?page=0&area=0380")
    again = get("/units?page=0&area=0380", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert get("/units?page=1&area=0380", **{"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_many_answers_come_over_one_connection(sample_dir):
    with RecordedServer(sample_dir) as server, httpx.Client(trust_env=False) as client:
        base = server.base_url("agency")
        # A query sent as JSON is not recorded; its refusal must not put the connection out of step.
        assert client.post(base + "/table", json={"query": []}).status_code == 404
        ports = set()
        for number in (0, 1, 2, 9):
            with client.stream("GET", f"{base}/units?page={number}&area=0380") as answer:
                ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
                answer.read()
        assert len(ports) == 1


def test_an_index_that_names_a_missing_file_is_refused_with_its_name(sample_dir):
    (sample_dir / "reports/a.csv").unlink()
    with pytest.raises(FileNotFoundError, match=r"a\.csv"):
        RecordedServer(sample_dir)


def test_no_address_is_given_out_while_the_server_is_not_running(sample_dir):
    server = RecordedServer(sample_dir)
    with pytest.raises(RuntimeError, match="not running"):
        server.base_url("agency")
    with server:
        port = httpx.URL(server.base_url("agency")).port
        with pytest.raises(KeyError):
            server.base_url("elsewhere")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{port}/", trust_env=False)
