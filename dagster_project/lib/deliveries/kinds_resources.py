"""Deliveries about money and need: the ledger, the socio-economic index and the pools it shares out."""

from typing import Final

from dagster_project.lib.deliveries.columns_shared import SCHOOL_YEAR, UNIT_CODE
from dagster_project.lib.deliveries.kinds import Column, ColumnType, Kind

_SCHOOL_FORM: Final = Column(
    "school_form",
    "Skolform",
    ColumnType.CODE,
    "Skolformen som raden gäller.",
    "Grundskola",
    allowed={"Förskola": "fs", "Förskoleklass": "fklass", "Grundskola": "gr", "Gymnasieskola": "gy"},
)

LEDGER: Final = Kind(
    name="ledger",
    title_sv="Ekonomi per enhet",
    description_sv="En rad per enhet, kalenderår, komponent och slag. Budget i januari, utfall i bokslut.",
    description="Budget and outcome: one row per unit, calendar year, component and kind.",
    responsible_sv="Ekonomiavdelningen",
    columns=(
        UNIT_CODE,
        Column(
            "calendar_year",
            "Kalenderår",
            ColumnType.INTEGER,
            "Budgetåret.",
            "2025",
            minimum=2000,
            maximum=2100,
        ),
        Column(
            "component",
            "Komponent",
            ColumnType.CODE,
            "Vad pengarna är till för.",
            "Grundbelopp",
            allowed={
                "Grundbelopp": "grundbelopp",
                "Strukturersättning": "strukturersattning",
                "Nyanlända": "nyanlanda",
                "Tilläggsbelopp": "tillaggsbelopp",
                "Landsbygd": "landsbygd",
                "Resursenhet": "resursenhet",
                "Öppning tidig och sen": "oppning_tidig_sen",
                "Lokaler": "lokaler",
                "Statsbidrag": "statsbidrag",
                "Administration": "administration",
            },
        ),
        Column(
            "kind",
            "Slag",
            ColumnType.CODE,
            "Budget eller utfall.",
            "Budget",
            allowed={"Budget": "budget", "Utfall": "utfall"},
        ),
        Column(
            "amount_kronor",
            "Belopp (kr)",
            ColumnType.MONEY,
            "Hela kronor eller kronor och ören, inte tusental. Minus för avdrag.",
            "12 450 000",
            minimum=-10_000_000_000,
            maximum=10_000_000_000,
        ),
    ),
    key=("unit_code", "calendar_year", "component", "kind"),
)

SOCIOECONOMIC_INDEX: Final = Kind(
    name="socioeconomic_index",
    title_sv="Socioekonomiskt index",
    description_sv="En rad per enhet, läsår och skolform, så som index används i resursfördelningen.",
    description="Socio-economic index: one row per unit, school year and school form.",
    responsible_sv="Ekonomiavdelningen",
    columns=(
        UNIT_CODE,
        SCHOOL_YEAR,
        _SCHOOL_FORM,
        Column(
            "pupils",
            "Antal elever",
            ColumnType.INTEGER,
            "Barn eller elever som index räknats på.",
            "412",
            minimum=0,
            maximum=100_000,
        ),
        Column(
            "index_value",
            "Index",
            ColumnType.DECIMAL,
            "Enhetens index (100 är snittet); tomt när index saknas.",
            "118,4",
            required=False,
            minimum=0,
            maximum=1000,
        ),
    ),
    key=("unit_code", "school_year", "school_form"),
)

STRUCTURAL_POOLS: Final = Kind(
    name="structural_pools",
    title_sv="Strukturersättning att fördela",
    description_sv="En rad per läsår och skolform: summan som fördelas efter index.",
    description="Structural compensation to share out: one row per school year and school form.",
    responsible_sv="Ekonomiavdelningen",
    columns=(
        SCHOOL_YEAR,
        _SCHOOL_FORM,
        Column(
            "pool_kronor",
            "Belopp att fördela (kr)",
            ColumnType.MONEY,
            "Hela kronor, inte tusental.",
            "85 000 000",
            minimum=0,
            maximum=100_000_000_000,
        ),
        Column(
            "missing_index_rule",
            "Enheter utan index",
            ColumnType.CODE,
            "Vilket index en enhet utan eget index får.",
            "Medelvärde",
            allowed={"Medelvärde": "medelvarde"},
        ),
    ),
    key=("school_year", "school_form"),
)
