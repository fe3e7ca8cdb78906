"""Kolada v3 (RKA): key figures for municipalities and units."""

from collections.abc import Callable, Hashable, Sequence
from itertools import product
from typing import Any

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError, PageLedgerError
from dagster_project.lib.http.client import ApiClient, Params
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.http.ledger import PageLedger, part_of_a_list
from dagster_project.lib.sources.json_answers import at, json_object, list_at
from dagster_project.lib.sources.source import Source

SOURCE = Source(
    name="kolada",
    agency="RKA (Rådet för främjande av kommunala analyser)",
    base_url="https://api.kolada.se/v3",
    calls=5,
    per_seconds=1.0,
    max_total=20_000,
    terms="Free to use; cite 'Källa: Kolada'. Own derivations must not be presented as Kolada's.",
)

#: raw table of each dataset
DATASETS: dict[str, str] = {
    "kpis": "kolada_kpis",
    "municipality_groups": "kolada_municipality_groups",
    "units": "kolada_units",
    "municipality_data": "kolada_municipality_data",
    "unit_data": "kolada_unit_data",
}

#: Most items in one path parameter (key figures, municipalities, units, years).
MAX_ITEMS = 25
MAX_PER_PAGE = 5_000
#: More pages than this in one list means that the paging goes in circles.
MAX_PAGES = 1_000


class KoladaClient:
    """Fetches Kolada answers page by page, to the end."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def kpis(self) -> list[Answer]:
        """The catalogue of key figures.

        Raises (all methods of this class):
            PageLedgerError: pages are empty, repeated, or go in circles.
            NotThisFileError: an answer is not a Kolada page.
            SourceUnavailableError: no answer, or the next page is said to lie on another host.
        """
        return self._pages("/kpi", {}, _by_id)

    def municipalities(self) -> list[Answer]:
        """Municipalities, regions and the country (``0000``)."""
        return self._pages("/municipality", {}, _by_id)

    def municipality_groups(self) -> list[Answer]:
        """Comparison groups with their members."""
        return self._pages("/municipality_groups", {}, _by_id)

    def units(self, municipality_code: str) -> list[Answer]:
        """Units (OU) of a municipality; an OU id is not a skolenhetskod."""
        return self._pages("/ou", {"municipality": municipality_code}, _by_id)

    def municipality_data(
        self,
        kpis: Sequence[str],
        municipality_codes: Sequence[str],
        years: Sequence[int],
        *,
        from_date: str | None = None,
    ) -> list[Answer]:
        """Values per key figure, municipality and year; asked in blocks of at most 25 of each.

        ``from_date`` (``2026-01-31``) asks only for values changed since.

        Raises:
            NotPublishedError: there is not one value (yet).
        """
        return self._data(
            "/data", "municipality", kpis=kpis, where=municipality_codes, years=years, from_date=from_date
        )

    def has_changed(self, kpis: Sequence[str], years: Sequence[int], *, since: str) -> bool:
        """Whether any municipality's value of these key figures and years has changed since that day.

        A few requests instead of one for every block of municipalities.
        """
        for path in (
            f"/data/kpi/{kpi_block}/year/{year_block}"
            for kpi_block, year_block in product(_blocks(kpis), _blocks([str(year) for year in years]))
        ):
            answer = self._api.get(path, {"from_date": since, "per_page": 1})
            if list_at(json_object(answer), answer, "values"):
                return True
        return False

    def unit_data(
        self, kpis: Sequence[str], units: Sequence[str], years: Sequence[int], *, from_date: str | None = None
    ) -> list[Answer]:
        """Values per key figure, unit (OU id) and year; asked in blocks of at most 25 of each.

        Raises:
            NotPublishedError: there is not one value (yet).
        """
        return self._data("/oudata", "ou", kpis=kpis, where=units, years=years, from_date=from_date)

    def _data(
        self,
        kind: str,
        what: str,
        *,
        kpis: Sequence[str],
        where: Sequence[str],
        years: Sequence[int],
        from_date: str | None,
    ) -> list[Answer]:
        seen = 0

        def key(row: Any, answer: Answer) -> Hashable:
            nonlocal seen
            seen += 1
            return at(row, answer, "kpi"), at(row, answer, what), at(row, answer, "period")

        params = {} if from_date is None else {"from_date": from_date}
        answers: list[Answer] = []
        for path in _paths(kind, what, kpis, where, years):
            with part_of_a_list(bool(answers)):
                answers.extend(self._pages(path, params, key))
        if answers and not seen and from_date is None:
            raise NotPublishedError(
                source=answers[-1].address,
                rule="not_published",
                message=f"Kolada has no value for {', '.join(map(str, years))}",
                remedy="Expected for the latest year; otherwise look the key figures up at Kolada.",
            )
        return answers

    def _pages(self, path: str, params: Params, key: Callable[[Any, Answer], Hashable]) -> list[Answer]:
        ledger = PageLedger(f"{SOURCE.name} {path}", first_page=1, max_pages=MAX_PAGES)
        visited: set[str] = set()
        answers = [self._api.get(path, {**params, "per_page": MAX_PER_PAGE})]
        while True:
            answer = answers[-1]
            page = json_object(answer)
            rows = list_at(page, answer, "values")
            next_url = _next_url(page, answer)
            ledger.record(len(answers), [key(row, answer) for row in rows], more=next_url is not None)
            if next_url is None:
                break
            if next_url in visited:
                raise PageLedgerError(
                    source=answer.address,
                    rule="page_repeated",
                    message="the next page is one that was fetched before",
                    remedy="Fetch the list again; if it comes back, report it to Kolada.",
                )
            visited.add(next_url)
            with part_of_a_list():
                answers.append(self._api.follow(next_url))
        ledger.finish()
        return answers


def municipality_paths(
    kpis: Sequence[str], municipality_codes: Sequence[str], years: Sequence[int]
) -> list[str]:
    """What :meth:`KoladaClient.municipality_data` asks for, below the base address."""
    return _paths("/data", "municipality", kpis, municipality_codes, years)


def _paths(
    kind: str, what: str, kpis: Sequence[str], where: Sequence[str], years: Sequence[int]
) -> list[str]:
    blocks = product(_blocks(kpis), _blocks(where), _blocks([str(year) for year in years]))
    return [
        f"{kind}/kpi/{kpi_block}/{what}/{where_block}/year/{year_block}"
        for kpi_block, where_block, year_block in blocks
    ]


def _blocks(items: Sequence[str]) -> list[str]:
    return [",".join(items[start : start + MAX_ITEMS]) for start in range(0, len(items), MAX_ITEMS)]


def _next_url(page: dict[str, Any], answer: Answer) -> str | None:
    next_url = at(page, answer, "next_url")
    if next_url is None or (isinstance(next_url, str) and next_url):
        return next_url
    raise NotThisFileError(
        source=answer.address,
        rule="unexpected_shape",
        message="'next_url' is neither an address nor null",
        remedy="Compare the answer with Kolada's description of its interface.",
    )


def _by_id(row: Any, answer: Answer) -> Hashable:
    key: Hashable = at(row, answer, "id")
    return key
