"""The persons as SS 12000 tells them: pupils with their enrolments, guardians and staff, mixed."""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from demo import chance, names
from demo.entities import ADDED, Document, Entities, meta, reference
from demo.names import Contact
from demo.organisations import organisation_id
from demo.pupils import PROGRAMMES, Dates, Pupils
from demo.spells import UPPER_FROM, Spells, school_type
from demo.subjects import SUBJECT_GRADES_FROM
from demo.units import UNITS, Kind
from demo.world import World

PROTECTION = ("Ingen", "Sekretessmarkering", "Skyddad folkbokföring")


def _person(identity: str, number: str, contact: Contact, *, is_man: bool, mail: str) -> Document:
    """What every person has."""
    born = number[:8]
    if number.isdigit() and int(born[6:]) > 60:
        born = f"{born[:6]}{int(born[6:]) - 60:02d}"
    return {
        "id": identity,
        "meta": meta(ADDED),
        "givenName": contact.given,
        "familyName": contact.family,
        "eduPersonPrincipalNames": [contact.email],
        "civicNo": {"value": number, "nationality": "SE"},
        "birthDate": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "sex": "Man" if is_man else "Kvinna",
        "securityMarking": "Ingen",
        "personStatus": "Aktiv",
        "emails": [{"value": contact.email, "type": mail}],
        "phoneNumbers": [{"value": contact.phone, "type": "Hem", "mobile": True}],
        "addresses": [
            {
                "type": "Folkbokföring",
                "streetAddress": contact.street,
                "locality": names.LOCALITY,
                "postalCode": names.POSTAL_CODE,
                "country": "Sverige",
            }
        ],
    }


@dataclass(frozen=True)
class _Enrolments:
    """Enrolments of each pupil and when the last of them changed."""

    of: dict[int, list[Document]]
    modified: dict[int, str]


def _enrolments(seed: int, spells: Spells, as_of: dt.date) -> _Enrolments:
    """Enrolments as the register has them on the morning of ``as_of``."""
    known = spells.where(spells.start <= np.datetime64(as_of))
    organisations = [organisation_id(seed, unit.code) for unit in UNITS]
    of: dict[int, list[Document]] = {}
    modified: dict[int, str] = {}
    columns = (
        known.pupil, known.year, known.unit, known.stage, known.parallel,
        known.start, known.end, known.closes, known.cancelled,
    )  # fmt: skip
    for pupil, year, unit, stage, parallel, start, end, closes, cancelled in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        kind = UNITS[unit].kind
        upper = stage >= UPPER_FROM
        entry: Document = {
            "enroledAt": reference(organisations[unit]),
            "schoolYear": stage - UPPER_FROM + 1 if upper else stage,
            "schoolType": school_type(kind, stage),
            "startDate": start.isoformat(),
            "cancelled": False,
        }
        changed = f"{year}-06-{10 + pupil % 15:02d}T{7 + pupil % 9:02d}:{pupil % 60:02d}:12Z"
        if start.month != 7:
            changed = f"{start}T03:30:05Z"
        if kind is Kind.UPPER:
            programme = PROGRAMMES[parallel]
            began = year - (stage - UPPER_FROM)
            entry["educationCode"] = f"{programme.code}25" if began >= SUBJECT_GRADES_FROM else programme.code
            entry["programme"] = reference(chance.identity(seed, "programme", programme.code))
        # An end is known once it has happened.
        if closes and end < as_of:
            entry["endDate"] = end.isoformat()
            entry["cancelled"] = cancelled
            changed = max(changed, f"{end + dt.timedelta(days=1)}T03:20:00Z" if end.month != 6 else changed)
        of.setdefault(pupil, []).append(entry)
        modified[pupil] = max(modified.get(pupil, ""), changed)
    return _Enrolments(of, modified)


def several_enrolments(pupils: Pupils, spells: Spells) -> int:
    """The pupil of the adapted school who also reads at an ordinary school, and is enrolled at both."""
    current = spells.where((spells.year == 2026) & (spells.stage == 4))
    return int(current.pupil[pupils.adapted[current.pupil]][0])


def _first_days(world: World) -> Dates:
    """The day each pupil was first known: the first of a förskola or of a school."""
    first = np.where(world.pupils.preschool >= 0, world.pupils.preschool_from, np.datetime64("2100-01-01"))
    np.minimum.at(first, world.spells.pupil, world.spells.start)
    return first


def _pupil_documents(world: World, as_of: dt.date) -> list[Document]:
    seed, pupils, spells, people = world.seed, world.pupils, world.spells, world.register
    enrolments = _enrolments(seed, spells, as_of)
    double = several_enrolments(pupils, spells)
    extra = {
        "enroledAt": reference(organisation_id(seed, "99990001")),
        "schoolYear": 4,
        "schoolType": "GR",
        "startDate": "2026-07-01",
        "cancelled": False,
    }
    morning = np.datetime64(as_of)
    in_preschool = (pupils.preschool >= 0) & (pupils.preschool_from <= morning)
    left, first_days = pupils.left.tolist(), _first_days(world).tolist()
    documents = []
    for number, identity in enumerate(people.pupil_ids):
        if number not in enrolments.of and not in_preschool[number]:
            continue
        document = _person(
            identity,
            people.pupil_numbers[number],
            people.pupil_contacts[number],
            is_man=bool(pupils.is_man[number]),
            mail="Skola elev",
        )
        document["enrolments"] = enrolments.of.get(number, [])
        if number == double:
            document["enrolments"] = [*document["enrolments"], extra, document["enrolments"][-1]]
        document["responsibles"] = [
            {
                "person": {
                    "id": people.guardian_ids[guardian],
                    "displayName": people.guardian_contacts[guardian].name,
                },
                "relationType": "Vårdnadshavare",
            }
            for guardian in people.guardians_of[number]
        ]
        protection = int(pupils.protection[number])
        document["securityMarking"] = PROTECTION[protection]
        if protection:
            del document["addresses"], document["phoneNumbers"]
        if left[number] is not None and left[number] < as_of and number % 4 == 0:
            document["personStatus"] = "Utvandrad"
        created = max(ADDED, f"{first_days[number]}T03:00:00Z")
        document["meta"] = meta(created, max(created, enrolments.modified.get(number, created)))
        documents.append(document)
    return documents


def entities(world: World, as_of: dt.date) -> Entities:
    """Everything ``/persons`` lists, in an order that mixes pupils, guardians and staff."""
    pupils, staff, people = world.pupils, world.staff, world.register
    documents = _pupil_documents(world, as_of)
    present = {document["id"] for document in documents}
    for number, guardians in enumerate(people.guardians_of):
        if people.pupil_ids[number] not in present:
            continue
        for guardian in guardians:
            document = _person(
                people.guardian_ids[guardian],
                people.guardian_numbers[guardian],
                people.guardian_contacts[guardian],
                is_man=people.guardian_men[guardian],
                mail="Privat",
            )
            if pupils.protection[number]:
                document["securityMarking"] = PROTECTION[int(pupils.protection[number])]
                del document["addresses"], document["phoneNumbers"]
            documents.append(document)
    for number, employee in enumerate(staff.employees):
        documents.append(
            _person(
                people.staff_ids[number],
                people.staff_numbers[number],
                people.staff_contacts[number],
                is_man=employee.is_man,
                mail="Skola personal",
            )
        )
    documents.sort(key=lambda document: str(document["id"]))
    return Entities.of(documents)
