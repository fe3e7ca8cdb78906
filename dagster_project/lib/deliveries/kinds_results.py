"""Deliveries about what pupils know: tests, early assessments, forecasts, upper secondary outcomes."""

from typing import Final

from dagster_project.lib.deliveries.columns_shared import (
    CIVIC_NUMBER,
    SCHOOL_YEAR,
    SUBJECT,
    UNIT_CODE,
    YEAR_GROUP,
    day,
    grade,
)
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind

NATIONAL_TESTS: Final = Kind(
    name="national_tests",
    title_sv="Nationella prov",
    description_sv="En rad per elev och ämne med sammanvägt resultat. Lämnas när proven är rättade.",
    description="National tests: one row per pupil, school year, year group and subject.",
    responsible_sv="Elevregistrets systemförvaltare",
    columns=(
        CIVIC_NUMBER,
        UNIT_CODE,
        SCHOOL_YEAR,
        YEAR_GROUP,
        SUBJECT,
        grade(
            "test_grade",
            "Provbetyg",
            "Provbetyg A–F, Streck när underlag saknas; tomt för årskurs 3 och när eleven inte deltog.",
            required=False,
        ),
        Column(
            "points",
            "Poäng",
            ColumnType.DECIMAL,
            "Provpoäng; tomt när eleven inte deltog.",
            "16",
            required=False,
            minimum=0,
            maximum=500,
        ),
    ),
    key=("person_key", "school_year", "year_group", "subject_code"),
)

EARLY_ASSESSMENTS: Final = Kind(
    name="early_assessments",
    title_sv="Kartläggning och bedömningsstöd",
    description_sv="En rad per elev, material och område. Lämnas i december och i juni.",
    description="Assessments in the preschool class and year 1: one row per pupil, material and area.",
    responsible_sv="Elevregistrets systemförvaltare",
    columns=(
        CIVIC_NUMBER,
        UNIT_CODE,
        SCHOOL_YEAR,
        Column(
            "assessment",
            "Material",
            ColumnType.CODE,
            "Vilket obligatoriskt material som använts.",
            "Kartläggning i förskoleklass",
            allowed={
                "Kartläggning i förskoleklass": "kartlaggning_forskoleklass",
                "Bedömningsstöd i årskurs 1": "bedomningsstod_ak1",
            },
        ),
        Column(
            "area",
            "Område",
            ColumnType.CODE,
            "Område inom materialet.",
            "Språk",
            allowed={"Språk": "sprak", "Matematik": "matematik"},
        ),
        Column(
            "outcome",
            "Utfall",
            ColumnType.CODE,
            "Vad bedömningen visar.",
            "Når målen",
            allowed={
                "Når målen": "nar_malen",
                "Risk att inte nå målen": "risk",
                "Stödinsats": "stodinsats",
            },
        ),
        day("assessed_on", "Bedömd den", "Dagen för bedömningen.", "2025-10-07"),
    ),
    key=("person_key", "school_year", "assessment", "area"),
)

GRADE_FORECASTS: Final = Kind(
    name="grade_forecasts",
    title_sv="Betygsprognoser",
    description_sv="En rad per elev, ämne och prognosdag (31 mars och 31 oktober).",
    description="Grade forecasts: one row per pupil, subject and day of forecast.",
    responsible_sv="Elevregistrets systemförvaltare",
    columns=(
        CIVIC_NUMBER,
        UNIT_CODE,
        SCHOOL_YEAR,
        YEAR_GROUP,
        day("forecast_on", "Prognosdatum", "Dagen som prognosen gäller.", "2025-10-31", required=True),
        SUBJECT,
        grade("forecast_grade", "Prognosbetyg", "Väntat betyg A–F eller Streck.", required=True),
    ),
    key=("person_key", "forecast_on", "subject_code"),
)

UPPER_SECONDARY_OUTCOMES: Final = Kind(
    name="upper_secondary_outcomes",
    title_sv="Utfall i gymnasieskolan",
    description_sv="En rad per elev och påbörjat program. Lämnas varje år i juli.",
    description="Outcomes of upper secondary school: one row per pupil and programme begun.",
    responsible_sv="Elevregistrets systemförvaltare",
    columns=(
        CIVIC_NUMBER,
        UNIT_CODE,
        Column(
            "programme_code",
            "Programkod",
            ColumnType.TEXT,
            "Programmets kod enligt Skolverket.",
            "NA",
            pattern=r"[A-ZÅÄÖa-zåäö0-9]{2,12}",
        ),
        Column(
            "programme_kind",
            "Programtyp",
            ColumnType.CODE,
            "Slag av program.",
            "Högskoleförberedande",
            allowed={
                "Yrkesprogram": "yrkes",
                "Högskoleförberedande": "hogskoleforberedande",
                "Introduktionsprogram": "introduktion",
            },
        ),
        Column(
            "start_year",
            "Startår",
            ColumnType.INTEGER,
            "Kalenderåret då eleven började programmet.",
            "2023",
            minimum=1990,
            maximum=2100,
        ),
        Column(
            "outcome",
            "Utfall",
            ColumnType.CODE,
            "Hur utbildningen slutade, eller att den pågår.",
            "Examen",
            allowed={
                "Examen": "examen",
                "Studiebevis": "studiebevis",
                "Avbrott": "avbrott",
                "Pågår": "pagar",
            },
        ),
        day("outcome_on", "Utfallsdatum", "Dagen för utfallet; tomt när utbildningen pågår.", "2026-06-11"),
    ),
    key=("person_key", "programme_code", "start_year"),
)
