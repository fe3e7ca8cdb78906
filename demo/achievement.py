"""What pupils know, term by term, and the grades it would give before anyone corrects them."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from demo import chance
from demo.calendar import TERMS, YEARS
from demo.pupils import Pupils
from demo.spells import Spells
from demo.subjects import SUBJECTS
from demo.units import UNITS

SCALE = ("F", "E", "D", "C", "B", "A")
CUTS = np.array([-1.55, -0.75, -0.05, 0.65, 1.35])
"""Where each grade above F begins on the latent scale."""
FIRST_STAGE, LAST_STAGE = 6, 9
NEWCOMER_START, NEWCOMER_PER_YEAR, NEWCOMER_BEST = -1.9, 0.75, 0.2
"""A newcomer begins so far below, comes up so much a year, and may end so far above."""


@dataclass(frozen=True)
class Term:
    """A term in which grades were set: school year, 0 for autumn or 1 for spring."""

    year: int
    part: int

    @property
    def name(self) -> str:
        return "VT" if self.part else "HT"

    @property
    def calendar_year(self) -> int:
        return self.year + self.part

    @property
    def last_day(self) -> dt.date:
        return TERMS[self.year][self.part][1]


def graded_terms(as_of: dt.date) -> list[Term]:
    """Terms whose grades are set on the morning of ``as_of``."""
    terms = [Term(year, part) for year in YEARS for part in (0, 1)]
    return [term for term in terms if term.last_day < as_of]


@dataclass(frozen=True)
class TermGrades:
    """Grades of one term, one element per grade.

    Attributes:
        term: which.
        spell: place of the pupil's spell.
        subject: place in ``SUBJECTS``.
        level: place in ``SCALE``, -1 for a dash (no basis because of absence).
    """

    term: Term
    spell: npt.NDArray[np.int64]
    subject: npt.NDArray[np.int64]
    level: npt.NDArray[np.int64]


def scores(seed: int, pupils: Pupils, term: Term) -> npt.NDArray[np.float64]:
    """Latent achievement in a term, pupils by subjects; a pupil's profile stays, terms add little."""
    shape = (len(pupils), len(SUBJECTS))
    profile = chance.stream(seed, "profile").normal(0, 0.45, shape)
    wobble = chance.stream(seed, "term", term.year, term.part).normal(0, 0.22, shape)
    found = 0.35 + pupils.ability[:, None] + profile + wobble
    day = np.datetime64(term.last_day)
    newcomers = pupils.newcomer
    years = (day - pupils.arrived[newcomers]).astype(int) / 365
    found[newcomers] += np.minimum(NEWCOMER_START + NEWCOMER_PER_YEAR * years, NEWCOMER_BEST)[:, None]
    return found


def subjects_read(seed: int, pupils: Pupils) -> npt.NDArray[np.bool_]:
    """Which subjects each pupil reads: Swedish or Swedish as a second language, modern languages or not."""
    names = [subject.designation for subject in SUBJECTS]
    reads = np.ones((len(pupils), len(SUBJECTS)), dtype=bool)
    second = pupils.newcomer | (pupils.foreign & (chance.stream(seed, "sva").random(len(pupils)) < 0.12))
    reads[:, names.index("SV")] = ~second
    reads[:, names.index("SVA")] = second
    languages = chance.stream(seed, "m2").random(len(pupils)) < 0.88 + 0.06 * np.tanh(pupils.ability)
    reads[:, names.index("M2")] = languages & ~pupils.newcomer
    return reads


def of_term(seed: int, pupils: Pupils, spells: Spells, term: Term) -> TermGrades:
    """All grades of a term as they were first meant, before corrections."""
    day = np.datetime64(term.last_day)
    grundskola = np.array([unit.has_school_unit_code and "anpassad" not in unit.kind for unit in UNITS])
    there = np.flatnonzero(
        (spells.start <= day)
        & (spells.end >= day)
        & (spells.stage >= FIRST_STAGE)
        & (spells.stage <= LAST_STAGE)
        & grundskola[spells.unit]
    )
    pupil = spells.pupil[there]
    level = np.searchsorted(CUTS, scores(seed, pupils, term)[pupil], side="right")
    absent = chance.stream(seed, "dash", term.year, term.part).random(level.shape)
    level = np.where((pupils.proneness[pupil] > 3.2)[:, None] & (absent < 0.12), -1, level)
    rows, subject = np.nonzero(subjects_read(seed, pupils)[pupil])
    return TermGrades(term, there[rows], subject, level[rows, subject])
