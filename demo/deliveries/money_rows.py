"""Deliveries about money: the ledger, the socio-economic index and the pools it shares out.

The structural compensation in the ledger is what the index gives, to the krona, for every unit but one.
"""

from decimal import Decimal
from fractions import Fraction

from demo import chance
from demo.calendar import YEARS, school_year
from demo.deliveries.counts import pupils_of
from demo.deliveries.table import Cell, Table
from demo.municipality import Municipality
from demo.units import NEWCOMER_UNITS, PRIVATE, UNDERPAID_UNIT, UNITS, Kind, Unit, is_open_in

POOLS = {"fs": 9_000_000, "fklass": 3_500_000, "gr": 46_000_000, "gy": 8_000_000}
YEARLY_RISE = 3
"""Per cent a year."""
UNDERPAID = Fraction(65, 100)
"""What the one unit gets of what the index gives it."""
BASE = {"fs": 148_000, "fklass": 68_000, "gr": 92_000, "gy": 104_000}
WITHOUT_INDEX = PRIVATE[1].code
RURAL_UNITS = ("99990006", "F9999-06")
RESOURCE_UNIT = "99990031"
_NO_INDEX = (Kind.ADAPTED, Kind.ADAPTED_UPPER)

Key = tuple[str, str]


def _units(year: int) -> list[Unit]:
    return [unit for unit in UNITS if is_open_in(unit.code, year)]


def indices(municipality: Municipality, year: int) -> dict[Key, tuple[int, int | None]]:
    """Pupils and index in tenths by unit and school form; the pupils' mean is 100; one unit has none."""
    rng = chance.stream(municipality.seed, "index", year)
    raw = {unit.code: 40 + 130 * unit.need + rng.normal(0, 3) for unit in UNITS}
    found: dict[Key, tuple[int, int | None]] = {}
    for form in POOLS:
        counts = {
            unit.code: pupils_of(municipality, unit.code, year).get(form, 0)
            for unit in _units(year)
            if unit.kind not in _NO_INDEX
        }
        total = sum(counts.values())
        mean = sum(count * raw[code] for code, count in counts.items()) / total
        for code, count in counts.items():
            if count:
                value = None if code == WITHOUT_INDEX else round(raw[code] / mean * 1000)
                found[code, form] = (count, value)
    return found


def pool(form: str, year: int) -> int:
    """Kronor to share out in a school year."""
    return POOLS[form] * (100 + YEARLY_RISE * (year - YEARS[0])) // 100


def shares(kronor: int, of_units: dict[str, tuple[int, int | None]]) -> dict[str, int]:
    """A pool shared out by pupils times index; largest remainder, ties by unit, no index: the mean."""
    known = {code: (count, index) for code, (count, index) in of_units.items() if index is not None}
    mean = Fraction(sum(n * i for n, i in known.values()), sum(n for n, _ in known.values()))
    weights = {
        code: count * (mean if index is None else Fraction(index))
        for code, (count, index) in of_units.items()
    }
    total = sum(weights.values())
    exact = {code: kronor * weight / total for code, weight in weights.items()}
    given = {code: int(amount) for code, amount in exact.items()}
    left = kronor - sum(given.values())
    order = sorted(exact, key=lambda code: (given[code] - exact[code], code))
    for code in order[:left]:
        given[code] += 1
    return given


def structural(municipality: Municipality, year: int) -> dict[str, int]:
    """Kronor of structural compensation that the index gives each unit in a school year, over all forms."""
    found: dict[str, int] = {}
    by_key = indices(municipality, year)
    for form in POOLS:
        of_units = {code: value for (code, other), value in by_key.items() if other == form}
        for code, amount in shares(pool(form, year), of_units).items():
            found[code] = found.get(code, 0) + amount
    return found


def _components(municipality: Municipality, unit: Unit, year: int, compensation: int) -> dict[str, int]:
    """Budget of one unit for a calendar year, by component."""
    pupils = pupils_of(municipality, unit.code, year)
    count = sum(pupils.values())
    rise = 100 + YEARLY_RISE * (year - YEARS[0])
    base = sum(BASE[form] * number for form, number in pupils.items()) * rise // 100
    found = {"grundbelopp": base, "strukturersattning": compensation, "lokaler": 14_500 * count}
    if unit.is_private:
        return found | {"administration": base * 3 // 100}
    found |= {"statsbidrag": 3_200 * count, "administration": 2_100 * count}
    if unit.code in NEWCOMER_UNITS:
        found["nyanlanda"] = 1_900_000
    if unit.code in RURAL_UNITS:
        found["landsbygd"] = 850_000
    if unit.code == RESOURCE_UNIT:
        found |= {"resursenhet": 6_400_000, "tillaggsbelopp": 3_100_000}
    if unit.kind is Kind.PRESCHOOL:
        found["oppning_tidig_sen"] = 310_000
    return found


def ledger(municipality: Municipality) -> Table:
    """Budget and outcome by unit, calendar year and component; the current year has no outcome yet.

    A calendar year stands for the school year that begins in it.
    """
    rng = chance.stream(municipality.seed, "ledger")
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS:
        compensation = structural(municipality, year)
        for unit in _units(year):
            paid = compensation.get(unit.code, 0)
            if unit.code == UNDERPAID_UNIT:
                paid = int(paid * UNDERPAID)
            for component, amount in _components(municipality, unit, year, paid).items():
                if not amount:
                    continue
                rows.append((unit.code, year, component, "budget", amount))
                if year == YEARS[-1]:
                    continue
                exact = component in ("strukturersattning", "grundbelopp")
                drift = 0.0 if exact else float(rng.normal(0, 0.03))
                rows.append((unit.code, year, component, "utfall", round(amount * (1 + drift))))
    return Table("ledger", ("unit_code", "calendar_year", "component", "kind", "amount_kronor"), rows)


def socioeconomic_index(municipality: Municipality) -> Table:
    """Pupils and index by unit, school year and school form."""
    rows: list[tuple[Cell, ...]] = []
    for year in YEARS:
        for (code, form), (count, index) in indices(municipality, year).items():
            rows.append(
                (code, school_year(year), form, count, None if index is None else Decimal(index) / 10)
            )
    columns = ("unit_code", "school_year", "school_form", "pupils", "index_value")
    return Table("socioeconomic_index", columns, rows)


def structural_pools(municipality: Municipality) -> Table:
    """What is shared out by school year and school form."""
    rows: list[tuple[Cell, ...]] = [
        (school_year(year), form, pool(form, year), "medelvarde") for year in YEARS for form in POOLS
    ]
    return Table(
        "structural_pools", ("school_year", "school_form", "pool_kronor", "missing_index_rule"), rows
    )
