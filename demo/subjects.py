"""Subjects of grundskolan and courses of gymnasieskolan, as syllabuses."""

from dataclasses import dataclass

from demo import chance
from demo.entities import ADDED, Document, Entities, meta


@dataclass(frozen=True)
class Subject:
    """A subject of grundskolan: the short designation, Skolverket's code and the name."""

    designation: str
    code: str
    name: str


SUBJECTS = (
    Subject("SV", "GRGRSVE01", "Svenska"),
    Subject("SVA", "GRGRSVA01", "Svenska som andraspråk"),
    Subject("MA", "GRGRMAT01", "Matematik"),
    Subject("EN", "GRGRENG01", "Engelska"),
    Subject("M2", "GRGRMSP01", "Moderna språk"),
    Subject("BI", "GRGRBIO01", "Biologi"),
    Subject("FY", "GRGRFYS01", "Fysik"),
    Subject("KE", "GRGRKEM01", "Kemi"),
    Subject("TK", "GRGRTEK01", "Teknik"),
    Subject("GE", "GRGRGEO01", "Geografi"),
    Subject("HI", "GRGRHIS01", "Historia"),
    Subject("RE", "GRGRREL01", "Religionskunskap"),
    Subject("SH", "GRGRSAM01", "Samhällskunskap"),
    Subject("BL", "GRGRBIL01", "Bild"),
    Subject("MU", "GRGRMUS01", "Musik"),
    Subject("SL", "GRGRSLJ01", "Slöjd"),
    Subject("HKK", "GRGRHKK01", "Hem- och konsumentkunskap"),
    Subject("IDH", "GRGRIDR01", "Idrott och hälsa"),
)
BY_DESIGNATION = {subject.designation: subject for subject in SUBJECTS}


@dataclass(frozen=True)
class Course:
    """A course (curriculum of 2011) or a level of a subject (from July 2025) of gymnasieskolan.

    Attributes:
        code: course code.
        subject: subject code.
        designation: short designation of the subject.
        name: in full.
        points: how much it is worth.
        year: year of study, 1-3.
        kinds: the first letters of the programmes that read it; empty for all.
    """

    code: str
    subject: str
    designation: str
    name: str
    points: int
    year: int
    programmes: frozenset[str] = frozenset()


_ACADEMIC = frozenset({"NA", "SA", "EK", "TE", "ES"})
_VOCATIONAL = frozenset({"EE", "BF", "VO", "IM"})

COURSES = (
    Course("SVESVE01", "SVE", "SVE", "Svenska 1", 100, 1),
    Course("ENGENG05", "ENG", "ENG", "Engelska 5", 100, 1),
    Course("MATMAT01a", "MAT", "MAT", "Matematik 1a", 100, 1, _VOCATIONAL),
    Course("MATMAT01b", "MAT", "MAT", "Matematik 1b", 100, 1, frozenset({"SA", "EK", "ES"})),
    Course("MATMAT01c", "MAT", "MAT", "Matematik 1c", 100, 1, frozenset({"NA", "TE"})),
    Course("IDRIDR01", "IDR", "IDR", "Idrott och hälsa 1", 100, 1),
    Course("HISHIS01b", "HIS", "HIS", "Historia 1b", 100, 2, _ACADEMIC),
    Course("HISHIS01a1", "HIS", "HIS", "Historia 1a1", 50, 2, _VOCATIONAL),
    Course("ENGENG06", "ENG", "ENG", "Engelska 6", 100, 2, _ACADEMIC),
    Course("SVESVE02", "SVE", "SVE", "Svenska 2", 100, 2, _ACADEMIC),
    Course("NAKNAK01a1", "NAK", "NAK", "Naturkunskap 1a1", 50, 2, _VOCATIONAL),
    Course("SAMSAM01a1", "SAM", "SAM", "Samhällskunskap 1a1", 50, 2, _VOCATIONAL),
    Course("SAMSAM01b", "SAM", "SAM", "Samhällskunskap 1b", 100, 2, _ACADEMIC),
    Course("SVESVE03", "SVE", "SVE", "Svenska 3", 100, 3, _ACADEMIC),
    Course("RELREL01", "REL", "REL", "Religionskunskap 1", 50, 3),
    Course("GYAR", "GYA", "GYA", "Gymnasiearbete", 100, 3),
)
"""Courses of the curriculum of 2011, for those who began before July 2025."""

LEVELS = (
    Course("DEMO-SVE-N1", "SVE", "SVE", "Svenska, nivå 1", 100, 1),
    Course("DEMO-ENG-N1", "ENG", "ENG", "Engelska, nivå 1", 100, 1),
    Course("DEMO-MAT-N1", "MAT", "MAT", "Matematik, nivå 1", 100, 1),
    Course("DEMO-IDR-N1", "IDR", "IDR", "Idrott och hälsa, nivå 1", 100, 1),
    Course("DEMO-SVE-N2", "SVE", "SVE", "Svenska, nivå 2", 100, 2),
    Course("DEMO-ENG-N2", "ENG", "ENG", "Engelska, nivå 2", 100, 2, _ACADEMIC),
    Course("DEMO-SAM-N1", "SAM", "SAM", "Samhällskunskap, nivå 1", 100, 2),
    Course("DEMO-HIS-N1", "HIS", "HIS", "Historia, nivå 1", 100, 2),
)
"""Levels of subjects, for those who begin after June 2025. The codes are made up and say so."""

SUBJECT_GRADES_FROM = 2025


def courses_of(programme: str, began: int, year_of_study: int) -> tuple[Course, ...]:
    """What a class of a programme reads in one year of study."""
    offered = LEVELS if began >= SUBJECT_GRADES_FROM else COURSES
    return tuple(
        course
        for course in offered
        if course.year == year_of_study and (not course.programmes or programme in course.programmes)
    )


def syllabus_id(seed: int, code: str) -> str:
    """Id of the syllabus of a subject code or a course code."""
    return chance.identity(seed, "syllabus", code)


def _subject(seed: int, subject: Subject) -> Document:
    return {
        "id": syllabus_id(seed, subject.code),
        "meta": meta(ADDED),
        "schoolType": "GR",
        "subjectCode": subject.code,
        "subjectName": subject.name,
        "subjectDesignation": subject.designation,
        "startSchoolYear": 1,
        "endSchoolYear": 9,
        # The standard has no value for the curriculum of 2022; systems leave the attribute out.
        "official": True,
    }


def _course(seed: int, course: Course) -> Document:
    document: Document = {
        "id": syllabus_id(seed, course.code),
        "meta": meta(ADDED),
        "schoolType": "GY",
        "subjectCode": course.subject,
        "subjectName": course.name.split(",")[0].rsplit(" ", 1)[0] if course.points else course.name,
        "subjectDesignation": course.designation,
        "courseCode": course.code,
        "courseName": course.name,
        "points": course.points,
        "official": not course.code.startswith("DEMO-"),
    }
    if course in COURSES:
        document["curriculum"] = "GY2011"
    return document


def entities(seed: int) -> Entities:
    """Everything ``/syllabuses`` lists."""
    subjects = [_subject(seed, subject) for subject in SUBJECTS]
    return Entities.of(subjects + [_course(seed, course) for course in COURSES + LEVELS])
