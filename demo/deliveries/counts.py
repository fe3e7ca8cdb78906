"""How many pupils each unit has on 15 October, by school form."""

from functools import cache

import numpy as np
import numpy.typing as npt

from demo.calendar import FIRST_YEAR
from demo.municipality import Municipality
from demo.pupils import PRESCHOOLS
from demo.spells import UPPER_FROM
from demo.units import BY_CODE, INDEX, Kind, is_open_in
from demo.world import world

_PRIVATE = {
    Kind.PRESCHOOL: {"fs": 48},
    Kind.F_6: {"fklass": 21, "gr": 128},
    Kind.F_9: {"fklass": 22, "gr": 204},
}


def pupils_of(municipality: Municipality, code: str, year: int) -> dict[str, int]:
    """Pupils of a unit by school form (``fs``, ``fklass``, ``gr``, ``gy``); set by hand for private units."""
    unit = BY_CODE[code]
    if unit.is_private:
        grown = year - FIRST_YEAR
        return {form: count + 2 * grown for form, count in _PRIVATE.get(unit.kind, {"gy": 176}).items()}
    return _own(municipality.seed, code, year)


def in_year_group(municipality: Municipality, code: str, year: int, year_group: int) -> int:
    """Pupils of a municipal unit's year group of the compulsory school."""
    return int((_stages(municipality.seed, code, year) == year_group).sum())


@cache
def _stages(seed: int, code: str, year: int) -> npt.NDArray[np.int64]:
    """The stage of everyone at a unit."""
    spells, day = world(seed).spells, np.datetime64(f"{year}-10-15")
    here = (spells.unit == INDEX[code]) & (spells.start <= day) & (spells.end >= day)
    stages: npt.NDArray[np.int64] = spells.stage[here]
    return stages


@cache
def _own(seed: int, code: str, year: int) -> dict[str, int]:
    unit, everyone = BY_CODE[code], world(seed)
    day = np.datetime64(f"{year}-10-15")
    if unit.kind is Kind.PRESCHOOL:
        pupils = everyone.pupils
        there = (pupils.preschool == PRESCHOOLS.index(unit)) & (pupils.preschool_from <= day)
        return {"fs": int((there & (pupils.start_year > year)).sum())}
    if not is_open_in(code, year):
        return {}
    stage = _stages(seed, code, year)
    counts = {
        "fklass": int((stage == 0).sum()),
        "gr": int(((stage > 0) & (stage < UPPER_FROM)).sum()),
        "gy": int((stage >= UPPER_FROM).sum()),
    }
    return {form: count for form, count in counts.items() if count}
