"""The units of the made-up municipality, and the effects that are tied to one of them."""

from dataclasses import dataclass
from enum import StrEnum

MUNICIPALITY_CODE = "9999"
MUNICIPALITY_NAME = "Exempelstad (påhittad kommun)"
ORGANISER_NUMBER = "999999-0009"


class Kind(StrEnum):
    """What a unit is for."""

    PRESCHOOL = "forskola"
    F_6 = "f-6"
    F_9 = "f-9"
    Y7_9 = "7-9"
    ADAPTED = "anpassad grundskola"
    ADAPTED_UPPER = "anpassad gymnasieskola"
    UPPER = "gymnasieskola"


@dataclass(frozen=True)
class Unit:
    """One unit.

    Attributes:
        code: skolenhetskod, or the unit's own code where Skolverket gives none (förskola).
        name: display name.
        area: the rektorsområde it belongs to.
        need: 0 (least) to 1 (most): how uneven the conditions are.
        classes: parallel classes per year group; departments for a förskola.
        organiser: empty for the municipality's own units, else the name of the private organiser.
        organiser_number: organisation number of the private organiser.
    """

    code: str
    name: str
    kind: Kind
    area: str
    need: float
    classes: int = 1
    organiser: str = ""
    organiser_number: str = ""

    @property
    def is_private(self) -> bool:
        return bool(self.organiser)

    @property
    def has_school_unit_code(self) -> bool:
        return self.code.isdigit()


UNITS: tuple[Unit, ...] = (
    Unit("F9999-01", "Förskolan Måbäret", Kind.PRESCHOOL, "Norra", 0.10, 5),
    Unit("F9999-02", "Förskolan Blåklinten", Kind.PRESCHOOL, "Norra", 0.25, 4),
    Unit("F9999-03", "Förskolan Stjärnan", Kind.PRESCHOOL, "Östra", 0.85, 5),
    Unit("F9999-04", "Förskolan Kotten", Kind.PRESCHOOL, "Östra", 0.60, 4),
    Unit("F9999-05", "Förskolan Ängen", Kind.PRESCHOOL, "Södra", 0.30, 5),
    Unit("F9999-06", "Förskolan Trollskogen", Kind.PRESCHOOL, "Västra", 0.45, 4),
    Unit("F9999-07", "Förskolan Bryggan", Kind.PRESCHOOL, "Västra", 0.20, 4),
    Unit("99990001", "Norrängens skola", Kind.F_6, "Norra", 0.10, 2),
    Unit("99990002", "Lindbackens skola", Kind.F_6, "Norra", 0.25),
    Unit("99990003", "Stjärntorpsskolan", Kind.F_6, "Östra", 0.95),
    Unit("99990004", "Sjöbrinkens skola", Kind.F_6, "Södra", 0.20, 2),
    Unit("99990005", "Kvarnkullens skola", Kind.F_6, "Södra", 0.70),
    Unit("99990006", "Hagaborgs skola", Kind.F_6, "Västra", 0.40),
    Unit("99990007", "Östra torgets skola", Kind.F_6, "Östra", 0.80),
    Unit("99990008", "Gamla Bruksskolan", Kind.F_6, "Västra", 0.50),
    Unit("99990028", "Nya Bruksskolan", Kind.F_6, "Västra", 0.50),
    Unit("99990011", "Solbergaskolan", Kind.F_9, "Norra", 0.15, 2),
    Unit("99990012", "Åkraskolan", Kind.F_9, "Södra", 0.55),
    Unit("99990013", "Furulidsskolan", Kind.F_9, "Västra", 0.35),
    Unit("99990014", "Backaskolan", Kind.F_9, "Östra", 0.75),
    Unit("99990021", "Stjärnhögstadiet", Kind.Y7_9, "Östra", 0.90, 3),
    Unit("99990022", "Vikaskolan", Kind.Y7_9, "Norra", 0.30, 3),
    Unit("99990023", "Strandskolan", Kind.Y7_9, "Södra", 0.35, 4),
    Unit("99990031", "Ekens anpassade grundskola", Kind.ADAPTED, "Södra", 0.50),
    Unit("99990032", "Ekens anpassade gymnasieskola", Kind.ADAPTED_UPPER, "Södra", 0.50),
    Unit("99990041", "Exempelstads norra gymnasium", Kind.UPPER, "Gymnasiet", 0.25, 5),
    Unit("99990042", "Exempelstads västra gymnasium", Kind.UPPER, "Gymnasiet", 0.60, 6),
    Unit(
        "F9999-51",
        "Friförskolan Molnet",
        Kind.PRESCHOOL,
        "",
        0.20,
        3,
        "Molnet ekonomisk förening",
        "999999-5108",
    ),
    Unit("99990051", "Friskolan Kompassen", Kind.F_6, "", 0.20, 1, "Kompassen Utbildning AB", "999999-5207"),
    Unit("99990052", "Friskolan Horisont", Kind.F_9, "", 0.50, 1, "Kompassen Utbildning AB", "999999-5207"),
    Unit("99990053", "Horisontgymnasiet", Kind.UPPER, "", 0.40, 3, "Horisont Gymnasium AB", "999999-5306"),
)

BY_CODE = {unit.code: unit for unit in UNITS}
INDEX = {unit.code: position for position, unit in enumerate(UNITS)}
OWN = tuple(unit for unit in UNITS if not unit.is_private)
PRIVATE = tuple(unit for unit in UNITS if unit.is_private)

CLOSED_UNIT = "99990008"
SUCCESSOR_UNIT = "99990028"
SUCCESSION_YEAR = 2025
"""The old code ends on 30 June of this year, the new one starts on 1 July."""

RISING_ABSENCE_UNIT = "99990022"
POOR_REPORTING_UNIT = "99990013"
NEWCOMER_UNITS = ("99990003", "99990021")
PRINCIPAL_TURNOVER_UNIT = "99990012"
UNDERPAID_UNIT = "99990005"
OPTIMISTIC_FORECAST_UNIT = "99990023"

FEEDS = {
    "99990001": ("99990022", 0),
    "99990002": ("99990022", 2),
    "99990003": ("99990021", 0),
    "99990007": ("99990021", 1),
    "99990008": ("99990021", 2),
    "99990004": ("99990023", 0),
    "99990005": ("99990023", 2),
    "99990006": ("99990023", 3),
}
"""Where the pupils of an F-6 school go for year 7, and the first class there that is theirs."""


def code_in(code: str, year: int) -> str:
    """The code a school had in the school year that starts in ``year``."""
    if code in (CLOSED_UNIT, SUCCESSOR_UNIT):
        return CLOSED_UNIT if year < SUCCESSION_YEAR else SUCCESSOR_UNIT
    return code


def is_open_in(code: str, year: int) -> bool:
    """Whether a unit's code was in use in the school year that starts in ``year``."""
    return code_in(code, year) == code
