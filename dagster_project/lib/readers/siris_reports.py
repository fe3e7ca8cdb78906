"""The SIRIS reports this warehouse reads: how each names itself, its columns and its size."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.readers.result import ReadResult
from dagster_project.lib.readers.siris import Report, read_report

_MUNICIPALITY_CODE: Final = ("Kommun-kod", "Kommunkod")
_MUNICIPALITY: Final[dict[str, tuple[str, ...]]] = {
    "municipality_name": ("Kommun",),
    "municipality_code": _MUNICIPALITY_CODE,
    "county_name": ("Län",),
    "county_code": ("Läns-kod", "Länskod"),
    "organiser_kind": ("Typ av huvudman",),
}
_FTE: Final = "#Heltidstjänster"
_HEADS: Final = "#Tjänstgörande lärare"
_TEST_MEASURES: Final = {
    "participated_share": "Andel (%) elever som deltagit",
    "pupils": "Antal elever med provbetyg A-F",
    "passed_share": "Andel (%) med provbetyg A-E",
    "points_mean": "Genomsnittlig betygspoäng",
}
_TEST_GROUPS: Final = {"all": "Totalt", "girls": "Flickor", "boys": "Pojkar"}

REPORTS: Final = (
    Report(
        table="siris_final_grades_y9",
        titles={"Grundskola - Slutbetyg årskurs 9, samtliga elever": {}},
        first_header="Skola",
        period="Valt läsår",
        headers={
            "unit_name": ("Skola",),
            "unit_code": ("Skol-enhetskod", "Skolenhetskod"),
            "municipality_name": ("Skolkommun",),
            "municipality_code": _MUNICIPALITY_CODE,
            "organiser_kind": ("Typ av huvudman",),
            "organiser_name": ("Huvudman",),
            "organiser_number": ("Huvudman orgnr",),
            "pupils": ("Antal elever",),
            "passed_all_subjects_share": (
                "Andel (%) elever som uppfyllt betygskriterierna i alla ämnen",
                "Andel (%) elever som uppnått kunskapskraven i alla ämnen",
            ),
            "eligible_vocational_share": ("Andel (%) elever behöriga till yrkesprog.",),
            "merit_value_17": ("Genomsnittligt meritvärde (17 ämnen)",),
        },
        rows_per_municipality=6,  # 1,714 units in 290 municipalities in 2024/25
    ),
    Report(
        table="siris_grades_y6",
        titles={"Grundskola - Betyg årskurs 6, andel som fått godkänt betyg (A-E), samtliga elever": {}},
        first_header="Kommun",
        period="Valt läsår",
        headers={
            **_MUNICIPALITY,
            "pupils": ("Antal elever",),
            "subject_grades_mean": ("Antal ämnesbetyg (genomsnitt)",),
            "passed_all_subjects_share": ("Andel (%) elever som fått godkänt betyg i alla ämnen",),
            "failed_one_subject_share": ("Andel (%) elever som ej fått godkänt betyg i ett ämne",),
            "failed_several_subjects_share": (
                "Andel (%) elever som ej fått godkänt betyg i fler, alternativt alla ämnen",
            ),
        },
        rows_per_municipality=3,  # all, municipal, independent
    ),
    Report(
        table="siris_pupils",
        titles={"Grundskola - Antal elever per årskurs": {}},
        first_header="Kommun",
        period="Valt läsår",
        headers={
            **_MUNICIPALITY,
            "girls_share": ("Andel (%) flickor, årskurs 1-9",),
            "foreign_background_share": ("Andel (%) elever med utländsk bakgrund, åk 1-9",),
            "parents_higher_education_share": (
                "Andel (%) elever med föräldrar med eftergymnasial utb., åk 1-9",
            ),
            **{f"pupils_y{year}": (f"Elever, årskurs {year}",) for year in range(1, 10)},
            "pupils_y1_9": ("Elever, årskurs 1-9",),
        },
        rows_per_municipality=4,  # all, municipal, independent, international
    ),
    Report(
        table="siris_teachers",
        titles={"Grundskola - Personalstatistik med lärarlegitimation och behörighet": {}},
        first_header="Kommun",
        period="Valt läsår",
        headers={
            **_MUNICIPALITY,
            "teachers_fte": (f"{_FTE}: Totalt antal",),
            "certified_fte": (f"{_FTE}: Antal med lärarlegitimation och behörighet",),
            "certified_fte_share": (f"{_FTE}: Andel med lärarlegitimation och behörighet",),
            "first_teachers_fte": (f"{_FTE}: Förstelärare",),
            "teachers_heads": (f"{_HEADS}: Totalt antal",),
            "certified_heads": (f"{_HEADS}: Antal med lärarlegitimation och behörighet i minst ett ämne",),
            "certified_heads_share": (
                f"{_HEADS}: Andel med lärarlegitimation och behörighet i minst ett ämne",
            ),
            "first_teachers_heads": (f"{_HEADS}: Förstelärare",),
        },
        rows_per_municipality=3,  # all, municipal, independent
    ),
    Report(
        table="siris_national_tests_y9",
        titles={"Grundskola - Resultat nationella prov årskurs 9, provbetyg per kön": {}},
        first_header="Kommun",
        period="Valt läsår",
        headers={
            **_MUNICIPALITY,
            "subject": ("Ämne",),
            **{
                f"{column}_{group}": (f"{measure}: {label}",)
                for column, measure in _TEST_MEASURES.items()
                for group, label in _TEST_GROUPS.items()
            },
        },
        rows_per_municipality=12,  # three kinds of organiser x four subjects
    ),
    Report(
        table="siris_eligibility_y9",
        titles={"Grundskola - Behörighet till gymnasieskolan": {}},
        first_header="Kommun",
        period="Valt läsår",
        headers={
            **_MUNICIPALITY,
            "sex": ("Kön",),
            "pupils": ("Antal elever",),
            "eligible_vocational_share": ("Andel (%) elever behöriga till yrkesprog.",),
            "eligible_arts_share": ("Andel elever (%) behöriga till estetiskt program",),
            "eligible_social_share": (
                "Andel elever (%) behöriga till Ekonomi-, humanistiska och samhällsvetenskaps- program",
            ),
            "eligible_science_share": (
                "Andel elever (%) behöriga till Naturvetenskapligt och tekniskt program",
            ),
        },
        rows_per_municipality=9,  # three kinds of organiser x girls, boys, all
    ),
    Report(
        table="siris_costs",
        titles={
            "Grundskola - Kostnader per kommun": {"school_form": "gr"},
            "Gymnasieskola - Kostnader per kommun": {"school_form": "gy"},
        },
        first_header="Kommun",
        period="Valt år",
        headers={
            **_MUNICIPALITY,
            "pupils_mean": ("Genomsnittligt elevantal",),
            "total_tkr": ("Totalt",),
            "teaching_tkr": ("Undervisning",),
            "total_per_pupil": ("Totalt per elev",),
            "teaching_per_pupil": ("Undervisning per elev",),
            "premises_per_pupil": ("Lokaler per elev",),
            "meals_per_pupil": ("Måltider per elev",),
            "materials_per_pupil": ("Lärverktyg per elev",),
            "health_per_pupil": ("Elevhälsa per elev",),
            "other_per_pupil": ("Övrigt per elev",),
        },
        rows_per_municipality=1,  # municipal organisers only
    ),
)

SIRIS_READERS: Final[dict[str, Callable[[Sequence[Answer]], ReadResult]]] = {
    report.table: partial(read_report, report) for report in REPORTS
}
