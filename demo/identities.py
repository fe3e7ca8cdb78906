"""Everything about the made-up persons that must never be found in the warehouse."""

from collections.abc import Iterator
from dataclasses import dataclass

from demo.civic_numbers import spellings
from demo.municipality import Municipality
from demo.names import Contact


@dataclass(frozen=True)
class Identities:
    """What a search of stored files looks for.

    Attributes:
        civic_numbers: every identity number in its usual spellings.
        names: full names, and each part by itself.
        emails, phones, addresses: contact details.
        person_ids: ids of the persons in the source system.
    """

    civic_numbers: frozenset[str]
    names: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]
    addresses: frozenset[str]
    person_ids: frozenset[str]

    def __iter__(self) -> Iterator[str]:
        for group in (
            self.civic_numbers,
            self.names,
            self.emails,
            self.phones,
            self.addresses,
            self.person_ids,
        ):
            yield from group


def identities(municipality: Municipality) -> Identities:
    """Numbers, names, contact details and ids of every pupil, guardian and member of staff."""
    people = municipality.world.register
    contacts: list[Contact] = [*people.pupil_contacts, *people.guardian_contacts, *people.staff_contacts]
    numbers = [*people.pupil_numbers, *people.guardian_numbers, *people.staff_numbers]
    parts = {part for contact in contacts for part in (contact.given, contact.family)}
    return Identities(
        civic_numbers=frozenset(spelling for number in numbers for spelling in spellings(number)),
        names=frozenset({contact.name for contact in contacts} | parts),
        emails=frozenset(contact.email for contact in contacts),
        phones=frozenset(contact.phone for contact in contacts),
        addresses=frozenset(contact.street for contact in contacts),
        person_ids=frozenset([*people.pupil_ids, *people.guardian_ids, *people.staff_ids]),
    )
