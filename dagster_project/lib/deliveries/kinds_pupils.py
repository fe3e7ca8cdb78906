"""Deliveries about pupils and their environment: background, the responsibility for activity, surveys."""

from typing import Final

from dagster_project.lib.deliveries.columns_shared import (
    CIVIC_NUMBER,
    SCHOOL_YEAR,
    UNIT_CODE,
    day,
    yes_no,
)
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind

BACKGROUND: Final = Kind(
    name="background",
    title_sv="Elevernas bakgrund",
    description_sv="En rad per elev och läsår, enligt SCB:s underlag eller kommunens eget register.",
    description="Pupils' background: one row per pupil and school year.",
    responsible_sv="Utvecklingsledare med ansvar för statistik",
    columns=(
        CIVIC_NUMBER,
        SCHOOL_YEAR,
        Column(
            "parents_education",
            "Föräldrarnas utbildning",
            ColumnType.CODE,
            "Den högsta utbildningen bland vårdnadshavarna.",
            "Eftergymnasial",
            allowed={
                "Förgymnasial": "forgymnasial",
                "Gymnasial": "gymnasial",
                "Eftergymnasial": "eftergymnasial",
                "Okänd": "okand",
            },
        ),
        yes_no(
            "foreign_background",
            "Utländsk bakgrund",
            "Född utomlands, eller båda föräldrarna födda utomlands; tomt när det är okänt.",
            required=False,
        ),
        yes_no("newly_arrived", "Nyanländ", "Nyanländ enligt skollagen.", required=False),
        yes_no(
            "newly_immigrated",
            "Nyinvandrad",
            "Kom till landet under de senaste fyra åren (statistikens begrepp).",
            required=False,
        ),
    ),
    key=("person_key", "school_year"),
)

KAA: Final = Kind(
    name="kaa",
    title_sv="Kommunens aktivitetsansvar (KAA)",
    description_sv="En rad per ungdom och period i registret.",
    description="The municipality's responsibility for activity: one row per young person and period.",
    responsible_sv="Samordnaren för aktivitetsansvaret",
    columns=(
        CIVIC_NUMBER,
        day("registered_from", "Registrerad från", "Första dagen i registret.", "2025-09-01", required=True),
        day("registered_to", "Registrerad till", "Sista dagen; tom för den som är kvar.", "2026-01-15"),
        Column(
            "activity",
            "Sysselsättning",
            ColumnType.CODE,
            "Vad ungdomen gör.",
            "Insats",
            allowed={
                "Ingen känd": "ingen_kand",
                "Insats": "insats",
                "Arbete": "arbete",
                "Studier": "studier",
                "Annat": "annat",
            },
        ),
    ),
    key=("person_key", "registered_from"),
)

SURVEY: Final = Kind(
    name="survey",
    title_sv="Enkät",
    description_sv="En rad per enhet, läsår, svarande, frågeområde och årskurs. Aldrig enskilda svar.",
    description="Survey indices: one row per unit, school year, respondent, question area and year group.",
    responsible_sv="Utvecklingsledare med ansvar för enkäten",
    columns=(
        UNIT_CODE,
        SCHOOL_YEAR,
        Column(
            "respondent",
            "Svarande",
            ColumnType.CODE,
            "Vilka som svarat.",
            "Elever",
            allowed={"Elever": "elever", "Vårdnadshavare": "vardnadshavare", "Personal": "personal"},
        ),
        Column(
            "question_area",
            "Frågeområde",
            ColumnType.CODE,
            "Vad frågorna handlar om.",
            "Trygghet",
            allowed={
                "Trygghet": "trygghet",
                "Studiero": "studiero",
                "Stimulans": "stimulans",
                "Stöd": "stod",
            },
        ),
        Column(
            "year_group",
            "Årskurs",
            ColumnType.INTEGER,
            "De svarandes årskurs, 0 för förskoleklass; tomt för hela enheten.",
            "8",
            required=False,
            minimum=0,
            maximum=10,
        ),
        Column(
            "answers",
            "Antal svar",
            ColumnType.INTEGER,
            "Antal som svarat.",
            "54",
            minimum=0,
            maximum=100_000,
        ),
        Column(
            "index_value",
            "Index",
            ColumnType.DECIMAL,
            "Index 0–10; tomt när det inte får redovisas.",
            "6,8",
            required=False,
            minimum=0,
            maximum=10,
        ),
    ),
    key=("unit_code", "school_year", "respondent", "question_area", "year_group"),
)
