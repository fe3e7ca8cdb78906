"""Deliveries about the organisation: measures decided on, and units run by others than the municipality."""

from typing import Final

from dagster_project.lib.deliveries.columns_shared import UNIT_CODE, day
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind

MEASURES: Final = Kind(
    name="measures",
    title_sv="Åtgärder",
    description_sv="En rad per enhet och åtgärd i kvalitetsarbetet. Lämnas när något ändrats.",
    description="Measures and action plans: one row per unit and measure.",
    responsible_sv="Kvalitetssamordnaren",
    columns=(
        UNIT_CODE,
        Column(
            "measure_number",
            "Åtgärdsnummer",
            ColumnType.TEXT,
            "Enhetens eget nummer på åtgärden; samma nummer så länge åtgärden följs.",
            "2025-03",
            most_letters=20,
        ),
        Column(
            "title",
            "Åtgärd",
            ColumnType.TEXT,
            "Kort rubrik utan uppgifter om enskilda personer.",
            "Läslyft i årskurs 4",
        ),
        Column(
            "indicator_id",
            "Indikator",
            ColumnType.TEXT,
            "Indikatorn som åtgärden ska påverka: dess id i indikatorkatalogen.",
            "merit_value_y9__level",
            required=False,
            pattern=r"[a-z0-9_]{1,80}",
        ),
        day("decided_on", "Beslutad den", "Beslutets datum.", "2025-08-28", required=True),
        day("starts_on", "Börjar", "Första dagen.", "2025-09-01"),
        day("ends_on", "Slutar", "Sista dagen; tom när slutet inte är bestämt.", "2026-06-12"),
        Column(
            "status",
            "Status",
            ColumnType.CODE,
            "Var åtgärden befinner sig.",
            "Pågår",
            allowed={
                "Planerad": "planerad",
                "Pågår": "pagar",
                "Avslutad": "avslutad",
                "Avbruten": "avbruten",
            },
        ),
        Column(
            "responsible_role",
            "Ansvarig roll",
            ColumnType.TEXT,
            "Rollen som ansvarar, inte personens namn.",
            "Rektor",
            required=False,
            most_letters=60,
        ),
    ),
    key=("unit_code", "measure_number"),
)

PRIVATE_UNITS: Final = Kind(
    name="private_units",
    title_sv="Fristående enheter",
    description_sv="En rad per enhet med enskild huvudman i kommunen och giltighetstid.",
    description="Units of independent organisers in the municipality: one row per unit and validity period.",
    responsible_sv="Handläggaren för fristående verksamheter",
    columns=(
        UNIT_CODE,
        Column("unit_name", "Enhetens namn", ColumnType.TEXT, "Enhetens namn.", "Exempelskolan"),
        Column("organiser_name", "Huvudman", ColumnType.TEXT, "Huvudmannens namn.", "Exempelbolaget AB"),
        Column(
            "organiser_number",
            "Organisationsnummer",
            ColumnType.TEXT,
            "Huvudmannens organisationsnummer. Lämna tomt för enskild firma, där numret är ett personnummer.",
            "999999-1234",
            required=False,
            pattern=r"\d{6}-?\d{4}",
        ),
        Column(
            "municipality_code",
            "Kommunkod",
            ColumnType.TEXT,
            "Kommunen där enheten ligger, fyra siffror.",
            "9999",
            pattern=r"\d{4}",
        ),
        Column(
            "school_forms",
            "Skolformer",
            ColumnType.TEXT,
            "Skolformernas koder med komma emellan.",
            "fklass,gr",
            pattern=r"[a-zåäö]+(, ?[a-zåäö]+)*",
            most_letters=60,
        ),
        day("valid_from", "Gäller från", "Första dagen.", "2020-07-01", required=True),
        day("valid_to", "Gäller till", "Sista dagen; tom för den som finns kvar.", "2026-06-30"),
    ),
    key=("unit_code", "valid_from"),
)
