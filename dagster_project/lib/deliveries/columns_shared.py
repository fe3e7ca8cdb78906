"""Columns that several templates share, and makers of the common ones."""

from typing import Final

from dagster_project.lib.deliveries.kinds import Column, ColumnType

CIVIC_NUMBER: Final = Column(
    "person_key",
    "Personnummer",
    ColumnType.CIVIC_NUMBER,
    "Personnummer, samordningsnummer eller tillfälligt nummer (TF). Tolv eller tio siffror, med eller utan "
    "bindestreck. Numret ersätts av en pseudonym när filen läses in och sparas aldrig.",
    "ÅÅÅÅMMDDNNNN",
)
UNIT_CODE: Final = Column(
    "unit_code",
    "Skolenhetskod",
    ColumnType.UNIT_CODE,
    "Åtta siffror. För enheter utan skolenhetskod (förskola): enhetens kod i verksamhetssystemet.",
    "99990001",
)
SCHOOL_YEAR: Final = Column(
    "school_year",
    "Läsår",
    ColumnType.SCHOOL_YEAR,
    "Läsåret som raden gäller, 1 juli till 30 juni.",
    "2025/26",
)
SUBJECT: Final = Column(
    "subject_code",
    "Ämne",
    ColumnType.TEXT,
    "Ämnets kod enligt Skolverket.",
    "MA",
    pattern=r"[A-ZÅÄÖa-zåäö0-9_-]{1,16}",
)
YEAR_GROUP: Final = Column(
    "year_group", "Årskurs", ColumnType.INTEGER, "Årskurs, 0 för förskoleklass.", "9", minimum=0, maximum=10
)


def day(name: str, header_sv: str, description_sv: str, example: str, *, required: bool = False) -> Column:
    """A date column."""
    return Column(name, header_sv, ColumnType.DATE, description_sv, example, required=required)


def yes_no(name: str, header_sv: str, description_sv: str, *, required: bool = True) -> Column:
    """A yes-or-no column."""
    return Column(name, header_sv, ColumnType.YES_NO, description_sv, "ja", required=required)


def grade(name: str, header_sv: str, description_sv: str, *, required: bool) -> Column:
    """A column of grades A to F; a dash where there was no basis for one."""
    labels = {letter: letter.lower() for letter in "ABCDEF"} | {"Streck": "-"}
    return Column(name, header_sv, ColumnType.CODE, description_sv, "C", required=required, allowed=labels)
