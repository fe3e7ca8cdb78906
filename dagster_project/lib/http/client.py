"""One source's HTTP client: bounded retries, request budget, size cap, errors that name the source."""

import datetime as dt
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Generic, Self, TypeVar
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential_jitter

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import SourceUnavailableError
from dagster_project.lib.http.budget import RequestBudget
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.http.kept import KeptAnswers

Params = Mapping[str, str | int]

_RETRIED_STATUS = frozenset({429, 500, 502, 503, 504})
_LATER = "Run the extract again later; if it lasts, check the source's status page."

T = TypeVar("T")


@dataclass(frozen=True)
class Received(Generic[T]):
    """An answer that could be read.

    Attributes:
        answer: as received.
        content: what was read out of it.
        date: the source's own clock when it answered, by its ``Date`` header; None without a usable one.
    """

    answer: Answer
    content: T
    date: dt.datetime | None


@dataclass(frozen=True)
class Conditional:
    """Answer to a conditional request.

    Attributes:
        answer: None when the source says that nothing changed since ``etag``.
        etag: the version to send next time; None when the source gives none.
    """

    answer: Answer | None
    etag: str | None


class _TransientError(Exception):
    """One failed try that may be repeated."""

    def __init__(self, what: str, retry_after: float | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.retry_after = retry_after


class ApiClient:
    """Fetches whole answers from one source over kept-alive connections.

    Redirects are not followed: an address that moved is an error to be looked at, and headers (which may
    carry a token) never travel to another host.
    """

    def __init__(
        self,
        base_url: str,
        *,
        name: str,
        user_agent: str,
        timeout: float,
        budget: RequestBudget,
        max_attempts: int = 5,
        headers: Mapping[str, str] | None = None,
        auth: httpx.Auth | None = None,
        tls: ssl.SSLContext | None = None,
        shows_query: bool = True,
        published_at: str | None = None,
        max_body_bytes: int = 256 * 1024 * 1024,
        max_answer_seconds: float = 600.0,
        max_retry_after: float = 120.0,
        first_backoff: float = 1.0,
        use_proxy: bool = True,
        kept: KeptAnswers | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """A client for ``base_url``.

        Args:
            base_url: where requests go; paths are appended to it.
            name: the source's name in messages.
            user_agent: says who asks, so that the agency can get in touch.
            timeout: seconds for connecting and for each wait for bytes.
            budget: spacing and total of requests, retries included.
            max_attempts: tries per request, the first one included.
            headers: sent with every request; may hold a secret, never shown.
            auth: adds to each request what proves who asks; may renew it and send the request once more.
            tls: trust and client certificate; the system's trust and no certificate when not given.
            shows_query: answers and messages carry the query; not where it may name a person.
            published_at: the agency's base address, when ``base_url`` is a stand-in for it (recorded
                answers). Answers and messages then carry the agency's address.
            max_body_bytes: an answer larger than this is refused.
            max_answer_seconds: a try that drips longer than this is given up.
            max_retry_after: longest ``Retry-After`` (seconds) that is waited for.
            first_backoff: seconds before the second try, when the source does not say; doubles after that.
            use_proxy: obey the environment's proxy settings; not wanted for an address on this machine.
            kept: answers of earlier runs, for :meth:`get_or_kept`.
            sleep: waits between tries.

        Raises:
            ValueError: ``base_url`` holds a user name or password; secrets belong in headers.
        """
        if urlsplit(base_url).username is not None:
            raise ValueError(f"{name}: put credentials in a header, not in the address")
        self.name = name
        self.base_url = str(httpx.URL(base_url)).rstrip("/")
        self.published_at = self.base_url if published_at is None else published_at.rstrip("/")
        self._budget = budget
        self._max_attempts = max_attempts
        self._max_body_bytes = max_body_bytes
        self._max_answer_seconds = max_answer_seconds
        self._max_retry_after = max_retry_after
        self._shows_query = shows_query
        self._kept = kept
        self._sleep = sleep
        self._backoff = wait_exponential_jitter(initial=first_backoff, max=60.0, jitter=first_backoff)
        self._http = httpx.Client(
            timeout=timeout,
            headers={"User-Agent": user_agent, **(headers or {})},
            auth=auth,
            verify=True if tls is None else tls,
            follow_redirects=False,
            trust_env=use_proxy,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the kept-alive connections."""
        self._http.close()

    @property
    def requests_sent(self) -> int:
        """Requests counted against the budget so far."""
        return self._budget.spent

    def get(self, path: str, params: Params | None = None) -> Answer:
        """The whole answer to one GET, bytes as received (after transfer decoding).

        Raises:
            NotPublishedError: 404.
            SourceUnavailableError: any other refusal, or no whole answer within the bounded tries.
        """
        return self._ask_whole(self._http.build_request("GET", self.base_url + path, params=params))

    def get_if_changed(self, path: str, params: Params | None = None, *, etag: str | None) -> Conditional:
        """Like :meth:`get`, but spares the transfer when the version ``etag`` is still current.

        Raises: as :meth:`get`.
        """
        condition = {} if etag is None else {"If-None-Match": etag}
        request = self._http.build_request("GET", self.base_url + path, params=params, headers=condition)
        answer, new_etag = self._ask(request)
        return Conditional(answer, new_etag or (etag if answer is None else None))

    def get_or_kept(self, path: str, params: Params | None = None) -> Answer:
        """Like :meth:`get`; the bytes kept from an earlier run when the source says that they still hold.

        For answers that are stored as received, each as an extract of its own.

        Raises: as :meth:`get`.
        """
        if self._kept is None:
            return self.get(path, params)
        address = self._published_address(
            self._http.build_request("GET", self.base_url + path, params=params).url
        )
        kept = self._kept.find(address)
        found = self.get_if_changed(path, params, etag=None if kept is None else kept.etag)
        if found.answer is None:
            if kept is None:
                raise self._not_asked_for(address)
            return kept.answer
        if found.etag is not None:
            self._kept.remember(found.answer, found.etag)
        return found.answer

    def post_json(self, path: str, body: Any) -> Answer:
        """The whole answer to a query sent as JSON.

        Tried again like a GET: only for interfaces where a POST asks and changes nothing (PxWeb).

        Raises: as :meth:`get`.
        """
        return self._ask_whole(self._http.build_request("POST", self.base_url + path, json=body))

    def post_form(
        self, path: str, form: Mapping[str, str], *, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """The whole answer to a form; tried again like a GET. Only for asking for a token.

        Raises: as :meth:`get`.
        """
        url = self.base_url + path
        return self._ask_whole(self._http.build_request("POST", url, data=form, headers=headers))

    def get_read(self, path: str, params: Params | None, read: Callable[[bytes], T]) -> Received[T]:
        """Like :meth:`get`, for answers that tell by their form whether they are whole.

        Args:
            path, params: as in :meth:`get`.
            read: makes something of the bytes; a ``ValueError`` of it is a failed try like any other.

        Raises: as :meth:`get`.
        """
        request = self._http.build_request("GET", self.base_url + path, params=params)
        address = self._published_address(request.url)

        def attempt() -> Received[T]:
            answer, headers = self._try_once(request, address)
            if answer is None:
                raise self._not_asked_for(address)
            try:
                return Received(answer, read(answer.body), http_date(headers.get("Date")))
            except ValueError:
                pass
            # Raised out here: what could not be read may hold personal data, and is not carried along.
            raise _TransientError("the answer is cut off, or not what was asked for")

        return self._within_tries(attempt, address)

    def follow(self, url: str) -> Answer:
        """The answer at a full address that the source itself handed out (a next page).

        Only addresses below this source's own base are followed; below ``published_at`` they are asked for
        at ``base_url``.

        Raises:
            SourceUnavailableError: the address leads elsewhere (rule ``foreign_address``).
            Else as :meth:`get`.
        """
        for base in (self.base_url, self.published_at):
            path = url.removeprefix(base)
            if path != url and path[:1] in ("/", "?") and path.isprintable():
                return self.get(path)
        raise self._unavailable(
            "",
            "foreign_address",
            "the source points to a next page outside its own address",
            "Do not go there; compare the source's address in the settings with its documentation.",
        )

    def _ask_whole(self, request: httpx.Request) -> Answer:
        answer, _ = self._ask(request)
        if answer is None:
            raise self._not_asked_for(self._published_address(request.url))
        return answer

    def _not_asked_for(self, address: str) -> SourceUnavailableError:
        return self._unavailable(
            address,
            "http_304",
            "the source says that nothing changed although no earlier version was named",
            _LATER,
        )

    def _ask(self, request: httpx.Request) -> tuple[Answer | None, str | None]:
        address = self._published_address(request.url)
        answer, headers = self._within_tries(lambda: self._try_once(request, address), address)
        return answer, headers.get("ETag")

    def _within_tries(self, attempt: Callable[[], T], address: str) -> T:
        retrying = Retrying(
            stop=stop_after_attempt(self._max_attempts),
            wait=self._wait,
            retry=retry_if_exception_type(_TransientError),
            sleep=self._sleep,
            reraise=True,
        )
        try:
            return retrying(attempt)
        except _TransientError as error:
            raise self._unavailable(
                address,
                "no_answer",
                f"no whole answer in {self._max_attempts} tries; the last one: {error.what}",
                _LATER,
            ) from error

    def _try_once(self, request: httpx.Request, address: str) -> tuple[Answer | None, httpx.Headers]:
        self._budget.spend(self.name)
        try:
            response = self._http.send(request, stream=True)
            try:
                self._check_status(response, address)
                if response.status_code == httpx.codes.NOT_MODIFIED:
                    return None, response.headers
                return Answer(address, self._read(response, address)), response.headers
            finally:
                response.close()
        except httpx.TimeoutException as error:
            raise _TransientError("the source did not answer in time") from error
        except httpx.TransportError as error:
            raise _TransientError("the connection failed or broke off in the middle of the answer") from error
        except httpx.DecodingError as error:
            raise _TransientError("the compressed answer is damaged") from error

    def _check_status(self, response: httpx.Response, address: str) -> None:
        status = response.status_code
        if status in (httpx.codes.OK, httpx.codes.NOT_MODIFIED):
            return
        if status in _RETRIED_STATUS:
            raise _TransientError(f"HTTP status {status}", self._retry_after(response, address))
        if status == httpx.codes.NOT_FOUND:
            raise NotPublishedError(
                source=f"{self.name} {address}",
                rule="not_published",
                message="the source has no such report, period or unit (HTTP status 404)",
                remedy="Expected for what is not published yet; otherwise check the address.",
            )
        remedy = "Compare the address and query with the source's documentation; the source may have changed."
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            remedy = "Check that the credentials in the settings are valid and cover this data set."
        raise self._unavailable(
            address, f"http_{status}", f"the source refused with HTTP status {status}", remedy
        )

    def _read(self, response: httpx.Response, address: str) -> bytes:
        give_up_at = time.monotonic() + self._max_answer_seconds
        chunks: list[bytes] = []
        size = 0
        for chunk in response.iter_bytes():
            size += len(chunk)
            if size > self._max_body_bytes:
                raise self._unavailable(
                    address,
                    "answer_too_large",
                    f"the answer is larger than {self._max_body_bytes} bytes",
                    "Ask for less at a time, or raise the limit if such an answer is right.",
                )
            if time.monotonic() > give_up_at:
                raise _TransientError(f"the answer was not whole after {self._max_answer_seconds:g} seconds")
            chunks.append(chunk)
        return b"".join(chunks)

    def _retry_after(self, response: httpx.Response, address: str) -> float | None:
        seconds = retry_after_seconds(response.headers.get("Retry-After"))
        if seconds is not None and seconds > self._max_retry_after:
            raise self._unavailable(
                address,
                "retry_after_too_long",
                f"the source asks to wait {seconds:.0f} seconds; the limit is {self._max_retry_after:.0f}",
                "Run the extract again after that time.",
            )
        return seconds

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome is not None else None
        if isinstance(error, _TransientError) and error.retry_after is not None:
            return error.retry_after
        return self._backoff(state)

    def _published_address(self, url: httpx.URL) -> str:
        shown = url if self._shows_query else url.copy_with(query=None)
        return self.published_at + str(shown).removeprefix(self.base_url)

    def _unavailable(self, address: str, rule: str, message: str, remedy: str) -> SourceUnavailableError:
        return SourceUnavailableError(
            source=f"{self.name} {address}".rstrip(), rule=rule, message=message, remedy=remedy
        )


def retry_after_seconds(header: str | None, *, now: dt.datetime | None = None) -> float | None:
    """Seconds to wait by a ``Retry-After`` header (seconds or an HTTP date); None without a usable one."""
    if header is None:
        return None
    text = header.strip()
    if text.isdecimal():
        return float(text)
    at = http_date(text)
    if at is None:
        return None
    return max(0.0, (at - (now or dt.datetime.now(dt.UTC))).total_seconds())


def http_date(header: str | None) -> dt.datetime | None:
    """Instant of an HTTP date, in UTC; None without a usable one."""
    try:
        at = parsedate_to_datetime(header or "")
    except ValueError:
        return None
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at.astimezone(dt.UTC)
