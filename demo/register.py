"""Who everybody is: identity numbers, names and contact details of pupils, guardians and staff."""

from dataclasses import dataclass

import numpy as np

from demo import chance, names
from demo.civic_numbers import adult_births, civic_number, temporary_number
from demo.names import Contact
from demo.pupils import Pupils
from demo.staff import HIRED_PER_YEAR, Staff
from demo.staff import person_id as staff_id

GUARDIANS_BORN = range(1972, 1999)
SECOND_GUARDIAN_SHARE = 0.3
COORDINATION_NUMBERS = 10
TEMPORARY_NUMBERS = 5


@dataclass(frozen=True)
class Register:
    """Who everybody is; contains everything that must never reach the warehouse.

    Attributes:
        pupil_ids, guardian_ids, staff_ids: person ids.
        pupil_numbers, guardian_numbers, staff_numbers: identity numbers, twelve characters.
        pupil_contacts, guardian_contacts, staff_contacts: names and contact details.
        guardians_of: numbers of the guardians of each pupil.
        guardian_men: whether each guardian is a man.
    """

    pupil_ids: list[str]
    pupil_numbers: list[str]
    pupil_contacts: list[Contact]
    guardian_ids: list[str]
    guardian_numbers: list[str]
    guardian_contacts: list[Contact]
    guardians_of: list[list[int]]
    guardian_men: list[bool]
    staff_ids: list[str]
    staff_numbers: list[str]
    staff_contacts: list[Contact]


def _pupil_numbers(pupils: Pupils) -> list[str]:
    newcomers = np.flatnonzero(pupils.newcomer).tolist()
    coordination = set(newcomers[:COORDINATION_NUMBERS])
    temporary = set(newcomers[COORDINATION_NUMBERS : COORDINATION_NUMBERS + TEMPORARY_NUMBERS])
    found = []
    for number, (birth, is_man) in enumerate(zip(pupils.birth.tolist(), pupils.is_man.tolist(), strict=True)):
        if number in temporary:
            found.append(temporary_number(birth, 1 + number % 9))
        else:
            found.append(civic_number(birth, is_man=is_man, coordination=number in coordination))
    return found


def register(seed: int, pupils: Pupils, staff: Staff) -> Register:
    """Numbers, names and contact details for everyone."""
    rng = chance.stream(seed, "register")
    count = len(pupils)
    second = rng.random(count) < SECOND_GUARDIAN_SHARE
    per_pupil = 1 + second.astype(int)
    years = [adult_births(seed, year) for year in GUARDIANS_BORN]
    births = np.concatenate([birth[HIRED_PER_YEAR:] for birth, _ in years])
    men = np.concatenate([is_man[HIRED_PER_YEAR:] for _, is_man in years])
    chosen = rng.permutation(len(births))[: per_pupil.sum()]
    births, men = births[chosen], men[chosen]
    last = np.cumsum(per_pupil)
    staff_men = np.array([employee.is_man for employee in staff.employees])
    return Register(
        pupil_ids=[chance.identity(seed, "person", "pupil", n) for n in range(count)],
        pupil_numbers=_pupil_numbers(pupils),
        pupil_contacts=names.contacts(rng, pupils.is_man, "elev.exempelstad.example", 1),
        guardian_ids=[chance.identity(seed, "person", "guardian", n) for n in range(len(births))],
        guardian_numbers=[
            civic_number(birth, is_man=man) for birth, man in zip(births.tolist(), men.tolist(), strict=True)
        ],
        guardian_contacts=names.contacts(rng, men, "hemma.example", 100_001),
        guardians_of=[
            list(range(end - n, end)) for end, n in zip(last.tolist(), per_pupil.tolist(), strict=True)
        ],
        guardian_men=men.tolist(),
        staff_ids=[staff_id(seed, n) for n in range(len(staff.employees))],
        staff_numbers=[civic_number(employee.birth, is_man=employee.is_man) for employee in staff.employees],
        staff_contacts=names.contacts(rng, staff_men, "exempelstad.example", 200_001),
    )
