"""How the client is let in: tokens that expire, certificates, and secrets that never show."""

import base64
import datetime as dt
import http.server
import json
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from small_server import SmallServer
from ss12000_kit import Installation, problems

from dagster_project.lib.errors import SettingsError, SourceUnavailableError
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.ss12000.auth import ClientCredentials, tls_context
from dagster_project.lib.ss12000.connect import Server, connected

SECRET = "hemligt-4711"


class Office:
    """A token endpoint; ``answers`` are given in turn, the last one for ever.

    With ``refuses_form`` it answers credentials in the form with that status, and takes them in the header.
    """

    def __init__(self, *answers: object, refuses_form: int | None = None) -> None:
        self.answers = list(answers)
        self.refuses_form = refuses_form
        self.forms: list[dict[str, list[str]]] = []
        self.headers: list[str | None] = []

    @contextmanager
    def client(self) -> Iterator[ApiClient]:
        office = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                office.forms.append(parse_qs(sent.decode()))
                office.headers.append(self.headers["Authorization"])
                refused = office.refuses_form if "client_secret" in office.forms[-1] else None
                turn = min(len(office.forms), len(office.answers)) - 1
                body = json.dumps({"error": "invalid_client"} if refused else office.answers[turn]).encode()
                self.send_response(refused or 200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None: ...

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
            budget = RequestBudget(calls=None, max_total=50)
            url = f"http://127.0.0.1:{server.server_address[1]}/token"
            with ApiClient(url, name="ss12000", user_agent="t", timeout=5, budget=budget) as client:
                yield client
            server.shutdown()


def tokens_at(times: list[float], office: Office) -> list[str]:
    """The token sent at each of these seconds."""
    sent = []
    with office.client() as client:
        now = [0.0]
        auth = ClientCredentials(
            client, client_id="us", client_secret=SECRET, scope="a b", clock=lambda: now[0]
        )
        for moment in times:
            now[0] = moment
            flow = auth.sync_auth_flow(httpx.Request("GET", "https://x"))
            sent.append(next(flow).headers["Authorization"])
    return sent


def test_a_token_is_asked_for_once_and_again_a_minute_before_it_expires():
    office = Office({"access_token": "one", "expires_in": 3600}, {"access_token": "two", "expires_in": 3600})
    assert tokens_at([0, 10, 3539, 3541], office) == ["Bearer one"] * 3 + ["Bearer two"]
    assert (
        office.forms
        == [
            {
                "grant_type": ["client_credentials"],
                "client_id": ["us"],
                "client_secret": [SECRET],
                "scope": ["a b"],
            }
        ]
        * 2
    )


@pytest.mark.parametrize("status", [400, 401])
def test_a_server_that_takes_credentials_in_the_header_alone_gets_them_there(status):
    office = Office({"access_token": "one", "expires_in": 30}, refuses_form=status)
    assert tokens_at([0, 40], office) == ["Bearer one"] * 2
    # Asked in the form once; the renewal knows better.
    assert [("client_secret" in form) for form in office.forms] == [True, False, False]
    in_header = base64.b64encode(f"us:{SECRET}".encode()).decode()
    assert office.headers == [None, f"Basic {in_header}", f"Basic {in_header}"]


def test_a_token_endpoint_that_is_down_is_not_asked_another_way():
    office = Office({}, refuses_form=403)
    with pytest.raises(SourceUnavailableError) as caught:
        tokens_at([0], office)
    assert caught.value.rule == "http_403"
    assert [("client_secret" in form) for form in office.forms] == [True]


def test_a_token_of_half_a_minute_is_used_for_nine_tenths_of_it():
    office = Office({"access_token": "one", "expires_in": 30}, {"access_token": "two", "expires_in": 30})
    assert tokens_at([0, 26, 28], office) == ["Bearer one", "Bearer one", "Bearer two"]


@pytest.mark.parametrize("answer", [{"token": SECRET}, [SECRET], {"access_token": ""}, {"access_token": 7}])
def test_an_answer_that_holds_no_token_is_named_and_not_repeated(answer):
    with pytest.raises(SourceUnavailableError) as caught:
        tokens_at([0], Office(answer))
    assert caught.value.rule == "token_answer"
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_a_servers_secrets_do_not_show():
    server = Server("https://x", token=SECRET, client_secret=SECRET)
    assert SECRET not in repr(server)


def test_a_certificate_that_cannot_be_used_is_named(tmp_path: Path):
    (tmp_path / "client.pem").write_text("no certificate")
    for name in ("client.pem", "absent.pem"):
        with pytest.raises(SettingsError, match=f"EQUITY_SS12000_CERTIFICATE: {name}"):
            tls_context(tmp_path / name, None)
    assert tls_context(None, None) is None


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``server.pem`` for 127.0.0.1 and ``client.pem``, each its own authority, with ``.key`` beside."""
    if shutil.which("openssl") is None:
        pytest.skip("certificates are made with openssl")
    folder = tmp_path_factory.mktemp("certificates")
    for name in ("server", "client"):
        _openssl(
            folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{name}.key", "-out", f"{name}.pem",
        )  # fmt: skip
    return folder


@contextmanager
def behind_tls(small: SmallServer, folder: Path) -> Iterator[str]:
    """Address of the server, which lets in only who shows the client certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "client.pem")
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    with small:
        small._server.socket = context.wrap_socket(small._server.socket, server_side=True)
        yield small.url.replace("http:", "https:")


def test_a_server_that_wants_a_certificate_gets_it(certificates, tmp_path, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "server.pem"))
    now = dt.datetime(2026, 11, 20, 4, 15, tzinfo=dt.UTC)
    here = Installation(tmp_path)
    with behind_tls(SmallServer({"organisations": [{"id": "o"}]}, now=now), certificates) as url:
        with_certificate = Server(
            url,
            certificate=certificates / "client.pem",
            certificate_key=certificates / "client.key",
            is_local=True,
        )
        without = replace(with_certificate, certificate=None, certificate_key=None)
        assert set(problems(here.sync(without, "organisations"))) == {"ss12000_organisations"}
        assert problems(here.sync(with_certificate, "organisations")) == {}
    assert here.count("ss12000_organisations") == 1


def test_credentials_go_to_no_other_host():
    server = Server("https://us:secret@x")
    with pytest.raises(ValueError, match="credentials"), connected(server, user_agent="t"):
        pass
