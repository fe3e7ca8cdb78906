"""The jobs at each unit, whoever holds them."""

from dataclasses import dataclass

from demo.units import Kind, Unit


@dataclass(frozen=True)
class Post:
    """A job at a unit, whoever holds it.

    Attributes:
        unit: code of the unit (of the school that closed, its old code).
        role: DutyRole of the standard.
        subjects: designations of the subjects taught.
        stage: stage taught at, in the codes of the deliveries (``lag``, ``mellan``, ``hog`` ...).
    """

    unit: str
    role: str
    subjects: tuple[str, ...] = ()
    stage: str = ""


_LOWER_SUBJECTS = ("SV", "MA", "EN", "NO", "SO")
_UPPER_SUBJECTS = (("SVE",), ("MAT",), ("ENG",), ("HIS", "SAM", "REL"), ("IDR", "NAK", "GYA"))


def _school_posts(unit: Unit) -> list[Post]:
    posts = []
    if unit.kind in (Kind.F_6, Kind.F_9):
        for _ in range(unit.classes):
            posts += [Post(unit.code, "Lärare", _LOWER_SUBJECTS, "lag") for _ in range(4)]
            posts += [Post(unit.code, "Lärare", ("SV", "EN", "SO", "SVA"), "mellan") for _ in range(2)]
            posts += [Post(unit.code, "Lärare", ("MA", "NO"), "mellan"), Post(unit.code, "Fritidspedagog")]
        posts += [Post(unit.code, "Lärare", ("IDH", "MU"), "mellan"), Post(unit.code, "Fritidspedagog")]
    if unit.kind in (Kind.F_9, Kind.Y7_9):
        for _ in range(unit.classes):
            posts += [
                Post(unit.code, "Lärare", subjects, "hog")
                for subjects in (
                    ("SV", "SO", "SVA"),
                    ("MA", "NO"),
                    ("EN", "M2"),
                    ("SO", "SV"),
                    ("NO", "MA", "TK"),
                )
            ]
        posts += [
            Post(unit.code, "Lärare", subjects, "hog")
            for subjects in (("IDH",), ("BL", "MU", "SL"), ("HKK",))
        ]
        posts.append(Post(unit.code, "Studie- och yrkesvägledare"))
    posts += [Post(unit.code, "Speciallärare/specialpedagog")] * (2 if unit.need >= 0.7 else 1)
    posts += [Post(unit.code, "Kurator"), Post(unit.code, "Skolsköterska")]
    return posts


def posts_of(unit: Unit) -> list[Post]:
    """Everyone who works at one unit."""
    posts = [Post(unit.code, "Rektor")]
    if unit.kind is Kind.PRESCHOOL:
        posts += [Post(unit.code, "Förskollärare", (), "forskola")] * unit.classes
        return posts + [Post(unit.code, "Barnskötare")] * (2 * unit.classes)
    if unit.kind is Kind.UPPER:
        posts += [
            Post(unit.code, "Lärare", subjects, "gy")
            for subjects in _UPPER_SUBJECTS
            for _ in range(unit.classes)
        ]
        return [*posts, Post(unit.code, "Studie- och yrkesvägledare"), Post(unit.code, "Kurator")]
    if unit.kind in (Kind.ADAPTED, Kind.ADAPTED_UPPER):
        stage = "anpassad_gr" if unit.kind is Kind.ADAPTED else "anpassad_gy"
        posts += [Post(unit.code, "Lärare", ("SV", "MA"), stage)] * 3
        return [*posts, Post(unit.code, "Speciallärare/specialpedagog"), Post(unit.code, "Lärarassistent")]
    return posts + _school_posts(unit)
