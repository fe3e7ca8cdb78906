"""Underlag för analys: the national quality system's measures per organiser and school unit.

Live: PxWeb v1 of Skolverket's statistics database, asked with a JSON query and answered with json-stat2.
Recorded: the same table as the xlsx that the database exports.
"""

from collections.abc import Sequence
from typing import Any

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources.json_answers import at, json_object, list_at
from dagster_project.lib.sources.json_stat import check_whole, codes_of
from dagster_project.lib.sources.source import Source

SOURCE = Source(
    name="underlag_for_analys",
    agency="Skolverket",
    base_url="https://statistikdatabasen.skolverket.se/PxWeb/api/v1/sv/Skolverkets_statistikdatabas",
    # Ten per ten seconds; bursts get 429 without a Retry-After, hence the long first wait.
    calls=10,
    per_seconds=10.0,
    first_backoff=5.0,
    max_total=500,
    terms="CC0; not official statistics; cite Skolverket.",
)

#: raw table of each dataset
DATASETS: dict[str, str] = {"measures": "ufa_measures"}

BRANCH = "Underlag_for_analys_inom_det_nationella_kvalitetssystemet"
RECORDED_WORKBOOK = "skolverket_ufa_grundskola_2024_25.xlsx"

MAX_CELLS = 1_250_000
#: Most levels in one query: the server's limit on values per variable.
MAX_LEVELS = 1_000
#: More than there are levels (about 6,100 for compulsory school): asks for the whole code list.
_ALL_LEVELS = 20_000


class UnderlagForAnalysClient:
    """Fetches the measures of one school form and school year."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def measures(self, autumn_year: int, *, school_form: str = "Grundskola") -> list[Answer]:
        """All measures for all levels of the school year that starts in ``autumn_year``; json-stat2 blocks.

        The metadata does not list the levels (there are too many), so they are asked for first.

        Raises:
            NotPublishedError: the database has no such table, or the table not this year (yet).
            NotThisFileError: an answer is not such an answer.
            PageLedgerError: an answer holds fewer cells than asked for.
            SourceUnavailableError: the source did not answer.
        """
        path = f"/{BRANCH}/{school_form}/{school_form}.px"
        metadata = self._api.get(path)
        variables = _codes_by_variable(metadata)
        year = str(autumn_year)
        if year not in variables.get("time", []):
            raise NotPublishedError(
                source=metadata.address,
                rule="not_published",
                message=f"the table has no school year starting in the autumn of {year}",
                remedy="Ask for a year the table lists; new school years are added during the autumn.",
            )
        measures = variables.get("variable", [])
        levels = variables.get("level") or self._levels(path, measures[:1], year)
        if not measures or not levels:
            raise NotThisFileError(
                source=metadata.address,
                rule="unexpected_shape",
                message="the table lists no measures or no levels",
                remedy="Open the table in the statistics database: it may be under reconstruction.",
            )
        step = max(1, min(MAX_LEVELS, MAX_CELLS // max(1, len(measures))))
        return [
            self._block(path, measures, levels[start : start + step], year, start)
            for start in range(0, len(levels), step)
        ]

    def workbook(self) -> list[Answer]:
        """Recorded mode only: the exported xlsx for school year 2024/25.

        Raises:
            NotPublishedError: asked of the agency, which has no such address.
            SourceUnavailableError: the source did not answer.
        """
        return [self._api.get_or_kept(f"/tabulated/{RECORDED_WORKBOOK}")]

    def _levels(self, path: str, measures: Sequence[str], year: str) -> list[str]:
        answer = self._api.post_json(
            path, _query(measures, {"filter": "top", "values": [str(_ALL_LEVELS)]}, year)
        )
        return codes_of(json_object(answer), answer, "level")

    def _block(
        self, path: str, measures: Sequence[str], levels: Sequence[str], year: str, start: int
    ) -> Answer:
        answer = self._api.post_json(path, _query(measures, {"filter": "item", "values": list(levels)}, year))
        check_whole(answer, {"variable": measures, "level": levels, "time": [year]})
        # The query is not part of the address; the fragment tells the blocks apart.
        return Answer(f"{answer.address}#levels={start + 1}-{start + len(levels)}", answer.body)


def _query(measures: Sequence[str], level_selection: dict[str, Any], year: str) -> dict[str, Any]:
    return {
        "query": [
            {"code": "variable", "selection": {"filter": "item", "values": list(measures)}},
            {"code": "level", "selection": level_selection},
            {"code": "time", "selection": {"filter": "item", "values": [year]}},
        ],
        "response": {"format": "json-stat2"},
    }


def _codes_by_variable(metadata: Answer) -> dict[str, list[str]]:
    variables = list_at(json_object(metadata), metadata, "variables")
    return {str(at(variable, metadata, "code")): list(variable.get("values", [])) for variable in variables}
