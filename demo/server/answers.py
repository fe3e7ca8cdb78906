"""What each endpoint answers, without HTTP: filtered lists of JSON entities."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from demo.entities import Deletion
from demo.municipality import Municipality
from demo.organisations import organisation_id
from demo.server import filters
from demo.server.filters import InvalidFilterError
from demo.spells import school_type
from demo.units import INDEX, OWN, UNITS

KEPT_LISTS = 4


@dataclass(frozen=True)
class Listed:
    """A filtered list: the entities and their places in the endpoint's whole list."""

    bodies: list[bytes]
    places: list[int]


class Lists:
    """Filtered lists of a municipality; the last few are kept, so that pages of one list cost little."""

    def __init__(self, municipality: Municipality) -> None:
        self.municipality = municipality
        self._kept: dict[tuple[str, str], Listed] = {}

    def find(self, endpoint: str, query: Mapping[str, list[str]]) -> Listed:
        """Everything an endpoint holds that passes the filters.

        Raises:
            InvalidFilterError: a filter is unknown, missing or unreadable.
        """
        key = (endpoint, repr(sorted(query.items())))
        if key not in self._kept:
            found = (
                self._aggregated(query) if endpoint == "aggregatedAttendance" else self._of(endpoint, query)
            )
            while len(self._kept) >= KEPT_LISTS:
                del self._kept[next(iter(self._kept))]
            self._kept[key] = found
        return self._kept[key]

    def _of(self, endpoint: str, query: Mapping[str, list[str]]) -> Listed:
        entities = self.municipality.endpoints[endpoint]
        places = filters.select(endpoint, entities, query)
        if len(places) == len(entities):
            return Listed(entities.bodies, places)
        return Listed([entities.bodies[place] for place in places], places)

    def _aggregated(self, query: Mapping[str, list[str]]) -> Listed:
        known = {"startDate", "endDate", "organisation", "schoolType", "student"} | filters.IGNORED
        unknown = sorted(set(query) - known)
        if unknown:
            raise InvalidFilterError(f"unknown filter: {', '.join(unknown)}")
        try:
            first, last = (dt.date.fromisoformat(query[name][0]) for name in ("startDate", "endDate"))
        except (KeyError, ValueError) as error:
            raise InvalidFilterError("startDate and endDate are required, as dates") from error
        bodies = self.municipality.attendance.aggregated(first, last, self._spells(query))
        return Listed(bodies, list(range(len(bodies))))

    def _spells(self, query: Mapping[str, list[str]]) -> np.ndarray:
        """Which spells the filters of aggregatedAttendance keep."""
        spells = self.municipality.world.spells
        keep = np.ones(len(spells), dtype=bool)
        if "organisation" in query:
            wanted = set(query["organisation"])
            seed = self.municipality.seed
            units = [INDEX[unit.code] for unit in OWN if organisation_id(seed, unit.code) in wanted]
            keep &= np.isin(spells.unit, units)
        if "student" in query:
            ids = set(query["student"])
            numbers = [n for n, one in enumerate(self.municipality.world.register.pupil_ids) if one in ids]
            keep &= np.isin(spells.pupil, numbers)
        if "schoolType" in query:
            types = [
                school_type(UNITS[unit].kind, stage)
                for unit, stage in zip(spells.unit.tolist(), spells.stage.tolist(), strict=True)
            ]
            keep &= np.isin(np.array(types), query["schoolType"])
        return keep

    def deletions(self, query: Mapping[str, list[str]]) -> list[Deletion]:
        """What was deleted after an instant, of the kinds asked for.

        Raises:
            InvalidFilterError: a filter is unknown or the instant cannot be read.
        """
        unknown = sorted(set(query) - {"after", "entities"})
        if unknown:
            raise InvalidFilterError(f"unknown filter: {', '.join(unknown)}")
        found = list(self.municipality.deletions)
        if "after" in query:
            limit = filters.as_utc(query["after"][0])
            found = [one for one in found if one.deleted_at > limit]
        if "entities" in query:
            kinds = {kind for value in query["entities"] for kind in value.split(",")}
            found = [one for one in found if one.kind in kinds]
        return found
