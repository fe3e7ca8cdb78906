"""Statistics Sweden (SCB), PxWebApi 2: population and other tables as json-stat2."""

from collections.abc import Iterator, Mapping, Sequence
from math import prod

from dagster_project.lib.answers import Answer
from dagster_project.lib.errors import NotThisFileError
from dagster_project.lib.http.client import ApiClient
from dagster_project.lib.http.errors import NotPublishedError
from dagster_project.lib.sources.json_answers import json_object
from dagster_project.lib.sources.json_stat import check_whole, codes_of
from dagster_project.lib.sources.source import Source

SOURCE = Source(
    name="scb",
    agency="Statistics Sweden (SCB)",
    base_url="https://statistikdatabasen.scb.se/api/v2",
    calls=30,
    per_seconds=10.0,
    max_total=2_000,
    terms="CC0; cite SCB.",
)

#: raw table of each dataset
DATASETS: dict[str, str] = {"population": "scb_population"}

#: Population by region, age and sex.
POPULATION_TABLE = "TAB6574"
#: Dimension of time.
TIME = "Tid"
MAX_CELLS = 150_000
#: Most codes listed in one address, so that it stays shorter than servers accept.
MAX_CODES_PER_CALL = 500

Selection = Mapping[str, Sequence[str]]


class ScbClient:
    """Fetches cells of one table, in as many calls as the cell limit needs."""

    def __init__(self, api: ApiClient) -> None:
        self._api = api

    def metadata(self, table: str) -> Answer:
        """The table's dimensions and codes, json-stat2 without values.

        Raises:
            NotPublishedError: no such table.
            SourceUnavailableError: the source did not answer.
        """
        return self._api.get(f"/tables/{table}/metadata", {"lang": "sv"})

    def population(self, selection: Selection, *, table: str = POPULATION_TABLE) -> list[Answer]:
        """Cells of ``table`` for the codes in ``selection`` (dimension code -> codes, ``*`` for all).

        Dimensions that are not named are left to the table's own elimination. Every answer is checked to
        hold exactly the codes asked for.

        Raises:
            ValueError: no dimension is named, or one without a code.
            NotThisFileError: a code or dimension is unknown, or an answer is not json-stat2.
            PageLedgerError: an answer holds fewer or other cells than asked for.
            NotPublishedError: no such table, or a period it does not have (yet).
            SourceUnavailableError: the source did not answer.
        """
        if not selection or not all(selection.values()):
            raise ValueError("name at least one dimension, each with at least one code")
        answers: list[Answer] = []
        for block in blocks(self._resolved(table, selection), MAX_CELLS, MAX_CODES_PER_CALL):
            params: dict[str, str | int] = {"lang": "sv", "outputFormat": "json-stat2"}
            params.update({f"valueCodes[{dimension}]": ",".join(codes) for dimension, codes in block.items()})
            answer = self._api.get(f"/tables/{table}/data", params)
            check_whole(answer, block)
            answers.append(answer)
        return answers

    def _resolved(self, table: str, selection: Selection) -> dict[str, list[str]]:
        answer = self.metadata(table)
        document = json_object(answer)
        resolved: dict[str, list[str]] = {}
        for dimension, asked in selection.items():
            known = codes_of(document, answer, dimension)
            unknown = set(asked) - set(known) - {"*"}
            if unknown and dimension == TIME:
                raise NotPublishedError(
                    source=answer.address,
                    rule="not_published",
                    message=f"the table does not have {sorted(unknown)[0]!r} yet",
                    remedy="Expected for the latest year; the table's page says when it is added.",
                )
            if unknown:
                raise NotThisFileError(
                    source=answer.address,
                    rule="unknown_code",
                    message=f"dimension {dimension!r} has no code {sorted(unknown)[0]!r}",
                    remedy="Take the codes from the table's metadata; SCB may have replaced the code list.",
                )
            resolved[dimension] = known if "*" in asked else list(dict.fromkeys(asked))
        return resolved


def blocks(selection: Selection, max_cells: int, max_codes: int) -> Iterator[dict[str, list[str]]]:
    """Split a selection into blocks of at most ``max_cells`` cells and ``max_codes`` codes per dimension.

    The dimension with most codes is halved until a block fits, so that the blocks together hold every cell
    exactly once.
    """
    block = {dimension: list(codes) for dimension, codes in selection.items()}
    longest = max(block, key=lambda dimension: len(block[dimension]))
    codes = block[longest]
    if prod(len(codes) for codes in block.values()) <= max_cells and len(codes) <= max_codes:
        yield block
        return
    middle = len(codes) // 2
    for half in (codes[:middle], codes[middle:]):
        yield from blocks({**block, longest: half}, max_cells, max_codes)
