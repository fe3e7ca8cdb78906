"""The organisation as SS 12000 tells it: huvudman, förvaltning, rektorsområden, skolor, skolenheter."""

from demo import chance
from demo.entities import ADDED, Document, Entities, meta, reference
from demo.units import (
    CLOSED_UNIT,
    MUNICIPALITY_CODE,
    MUNICIPALITY_NAME,
    ORGANISER_NUMBER,
    OWN,
    SUCCESSION_YEAR,
    SUCCESSOR_UNIT,
    Kind,
    Unit,
)

CLOSED_AT = f"{SUCCESSION_YEAR}-06-30T10:00:00Z"
OPENED_AT = f"{SUCCESSION_YEAR}-05-12T08:00:00Z"

SCHOOL_TYPES = {
    Kind.PRESCHOOL: ["FS"],
    Kind.F_6: ["FKLASS", "GR", "FTH"],
    Kind.F_9: ["FKLASS", "GR", "FTH"],
    Kind.Y7_9: ["GR"],
    Kind.ADAPTED: ["GRS", "FTH"],
    Kind.ADAPTED_UPPER: ["GYS"],
    Kind.UPPER: ["GY"],
}


def organisation_id(seed: int, code: str) -> str:
    """Id of the skolenhet with this code."""
    return chance.identity(seed, "organisation", code)


def _node(seed: int, key: str, kind: str, name: str, parent: str | None, **more: object) -> Document:
    node: Document = {
        "id": chance.identity(seed, "organisation", key),
        "meta": meta(ADDED),
        "displayName": name,
        "organisationCode": key,
        "organisationType": kind,
        "municipalityCode": MUNICIPALITY_CODE,
        "startDate": "2000-07-01",
        **more,
    }
    if parent is not None:
        node["parentOrganisation"] = reference(chance.identity(seed, "organisation", parent))
    return node


def _unit(seed: int, unit: Unit) -> list[Document]:
    """The skola and its skolenhet; a förskola has no skolenhetskod."""
    school = f"S-{unit.code}"
    node = _node(seed, unit.code, "Skolenhet", unit.name, school, schoolTypes=SCHOOL_TYPES[unit.kind])
    if unit.has_school_unit_code:
        node["schoolUnitCode"] = unit.code
    node["address"] = {
        "streetAddress": f"Skolvägen {unit.code[-2:]}",
        "locality": "EXEMPELSTAD",
        "postalCode": "999 90",
        "country": "Sverige",
    }
    if unit.code == CLOSED_UNIT:
        node |= {"endDate": f"{SUCCESSION_YEAR}-06-30", "meta": meta(ADDED, CLOSED_AT)}
    if unit.code == SUCCESSOR_UNIT:
        node |= {"startDate": f"{SUCCESSION_YEAR}-07-01", "meta": meta(OPENED_AT)}
    return [_node(seed, school, "Skola", unit.name, f"R-{unit.area}"), node]


def entities(seed: int) -> Entities:
    """Everything ``/organisations`` lists."""
    found = [
        _node(seed, "H", "Huvudman", MUNICIPALITY_NAME, None, organisationNumber=ORGANISER_NUMBER),
        _node(seed, "B", "Förvaltning", "Exempelstads utbildningsförvaltning", "H"),
    ]
    for area in dict.fromkeys(unit.area for unit in OWN):
        found.append(_node(seed, f"R-{area}", "Rektorsområde", f"{area} rektorsområdet", "B"))
    for unit in OWN:
        found += _unit(seed, unit)
    return Entities.of(found)
