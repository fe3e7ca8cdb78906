"""Book-keeping over the pages of one answer: a missing, short or repeated page fails the extract."""

from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager

from dagster_project.lib.errors import PageLedgerError
from dagster_project.lib.http.errors import NotPublishedError

_ASK_AGAIN = "Fetch the whole list again; if it comes back, report it to the source. Nothing of it was kept."


@contextmanager
def part_of_a_list(is_part: bool = True) -> Iterator[None]:
    """Within, an answer that is not there (404) is a hole in a list, and not a list that is not published.

    ``is_part``: False for the first answer of a list, which may well not be published.

    Raises:
        PageLedgerError: in the place of ``NotPublishedError`` (rule ``page_missing``).
    """
    try:
        yield
    except NotPublishedError as error:
        if not is_part:
            raise
        raise PageLedgerError(
            source=error.source,
            rule="page_missing",
            message="a part of the list is not there (HTTP status 404), though others are",
            remedy=_ASK_AGAIN,
        ) from error


class PageLedger:
    """Proves that the pages received are the whole list.

    Record each page in the order it was asked for, then call :meth:`finish`. Keys identify what a page lists
    (school unit codes, say) and must be distinct over all pages.
    """

    def __init__(
        self,
        source: str,
        *,
        expected_total: int | None = None,
        expected_pages: int | None = None,
        page_size: int | None = None,
        first_page: int = 0,
        max_pages: int = 10_000,
    ) -> None:
        """A ledger for ``source`` (the address, for messages); what the source announces may come later."""
        self._source = source
        self._total = expected_total
        self._pages = expected_pages
        self._page_size = page_size
        self._first_page = first_page
        self._next_page = first_page
        self._max_pages = max_pages
        self._seen: set[Hashable] = set()

    @property
    def distinct(self) -> int:
        """Distinct keys recorded so far."""
        return len(self._seen)

    def record(
        self,
        page_number: int,
        keys: Iterable[Hashable],
        *,
        total: int | None = None,
        pages: int | None = None,
        more: bool | None = None,
    ) -> None:
        """Enter one page.

        Args:
            page_number: as asked for; pages must come in order without a gap.
            keys: what the page lists.
            total: distinct keys the source announces on this page.
            pages: number of pages the source announces on this page.
            more: whether the source says that another page follows.

        Raises:
            PageLedgerError: the page is out of order, empty, short, repeated, or announces another total.
        """
        page_keys = list(keys)
        self._in_order(page_number)
        self._announced(page_number, total, pages)
        if more is None and self._pages is not None:
            more = page_number - self._first_page + 1 < self._pages
        self._not_empty(page_number, page_keys, more)
        self._not_repeated(page_number, page_keys)
        self._not_short(page_number, page_keys, more)
        self._seen.update(page_keys)
        self._next_page += 1

    def finish(self) -> None:
        """Close the ledger after the last page.

        Raises:
            PageLedgerError: pages are missing, or there are fewer or more distinct keys than announced.
        """
        received = self._next_page - self._first_page
        # An empty list is one empty page, whether the source counts it as a page or not.
        due = max(self._pages or 0, 1)
        if received < due or (self._pages is not None and received > due):
            raise self._error("page_missing", f"{received} pages came of {due}")
        if self._total is not None and len(self._seen) != self._total:
            raise self._error(
                "total_mismatch", f"{len(self._seen)} distinct entries came of the {self._total} announced"
            )

    def _in_order(self, page_number: int) -> None:
        if page_number != self._next_page:
            raise self._error(
                "page_missing", f"page {page_number} came where page {self._next_page} was expected"
            )
        if page_number - self._first_page >= self._max_pages:
            raise self._error("too_many_pages", f"there is no end after {self._max_pages} pages")

    def _announced(self, page_number: int, total: int | None, pages: int | None) -> None:
        if total is not None and self._total is not None and total != self._total:
            raise self._error(
                "total_changed",
                f"page {page_number} announces {total} entries in all, an earlier page {self._total}",
            )
        if pages is not None and self._pages is not None and pages != self._pages:
            raise self._error(
                "total_changed", f"page {page_number} announces {pages} pages, an earlier page {self._pages}"
            )
        self._total = self._total if total is None else total
        self._pages = self._pages if pages is None else pages

    def _not_empty(self, page_number: int, keys: list[Hashable], more: bool | None) -> None:
        incomplete = more or (self._total is not None and len(self._seen) < self._total)
        if not keys and incomplete:
            raise self._error("page_empty", f"page {page_number} is empty although the list goes on")

    def _not_repeated(self, page_number: int, keys: list[Hashable]) -> None:
        again = len(keys) - len(set(keys) - self._seen)
        if again and again == len(keys):
            raise self._error("page_repeated", f"page {page_number} lists only entries that came before")
        if again:
            raise self._error("page_overlaps", f"{again} entries of page {page_number} came before")

    def _not_short(self, page_number: int, keys: list[Hashable], more: bool | None) -> None:
        if self._page_size is None:
            return
        due = self._page_size
        if self._total is not None:
            due = min(due, self._total - len(self._seen))
        elif not more:
            return
        if len(keys) < due:
            raise self._error(
                "page_short", f"page {page_number} has {len(keys)} entries where {due} were due"
            )

    def _error(self, rule: str, message: str) -> PageLedgerError:
        return PageLedgerError(source=self._source, rule=rule, message=message, remedy=_ASK_AGAIN)
