"""What is true of the made-up municipality whatever the day."""

from dataclasses import dataclass
from functools import lru_cache

from demo import pupils, register, spells, staff, teaching


@dataclass(frozen=True)
class World:
    """People, their ways through the schools, staff and teaching. Shared: not to be changed."""

    seed: int
    pupils: pupils.Pupils
    spells: spells.Spells
    staff: staff.Staff
    teaching: teaching.Teaching
    register: register.Register


@lru_cache(maxsize=2)
def world(seed: int) -> World:
    """Everything that does not depend on the day."""
    everyone = pupils.make(seed)
    where = spells.make(everyone, seed)
    employed = staff.make(seed)
    return World(
        seed=seed,
        pupils=everyone,
        spells=where,
        staff=employed,
        teaching=teaching.make(everyone, where, employed),
        register=register.register(seed, everyone, employed),
    )
