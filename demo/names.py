"""Names, addresses and contact details that are openly made up, and easy to search for.

They exist only so that the edge of the warehouse can prove that it drops them.
"""

from dataclasses import dataclass

import numpy as np

GIRLS = (
    "Exempelina",
    "Påhittrika",
    "Testolina",
    "Låtsasia",
    "Fiktiva",
    "Sagolinda",
    "Provelina",
    "Dittochdatta",
)
BOYS = (
    "Exempelius",
    "Påhittrik",
    "Testolof",
    "Låtsaskim",
    "Fiktivius",
    "Sagobert",
    "Proveldor",
    "Dittochdavid",
)
FAMILIES = (
    "Påhittsson", "Exempelgren", "Testlingqvist", "Låtsasberg", "Fantasistrand", "Provkvist", "Sagoholmquist",
    "Fiktivlund", "Dummysson", "Uppdiktadottir", "Platshållarsson", "Mönsterhielm", "Kulissander",
    "Attrappqvist",
)  # fmt: skip
STREETS = ("Påhittsgatan", "Låtsasvägen", "Exempelstigen", "Testgränden", "Fantasiallén", "Kulissbacken")
LOCALITY = "LÅTSASTORP"
POSTAL_CODE = "999 99"
_ASCII = str.maketrans("åäöÅÄÖ", "aaoAAO")


@dataclass(frozen=True)
class Contact:
    """What is known about how to reach one person."""

    given: str
    family: str
    email: str
    phone: str
    street: str

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


def contacts(rng: np.random.Generator, men: np.ndarray, domain: str, first_number: int) -> list[Contact]:
    """One contact per person; e-mail, telephone and house number follow the running number and are unique."""
    count = len(men)
    given = rng.integers(0, len(GIRLS), count).tolist()
    family = rng.integers(0, len(FAMILIES), count).tolist()
    street = rng.integers(0, len(STREETS), count).tolist()
    found = []
    for place, is_man in enumerate(men.tolist()):
        number = first_number + place
        first = (BOYS if is_man else GIRLS)[given[place]]
        last = FAMILIES[family[place]]
        mail = f"{first}.{last}.{number}".translate(_ASCII).lower()
        found.append(
            Contact(
                given=first,
                family=last,
                email=f"{mail}@{domain}",
                phone=f"070-{1740000 + number:07d}",
                street=f"{STREETS[street[place]]} {number}",
            )
        )
    return found
