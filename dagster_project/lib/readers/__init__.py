"""Readers: what was delivered for one dataset and one period, as a text table with an account of its rows."""

from collections.abc import Callable, Sequence
from typing import Final

from dagster_project.lib.answers import Answer
from dagster_project.lib.readers import kolada, planned_educations, register, scb, survey, ufa
from dagster_project.lib.readers.columns import EMPTY_TABLES
from dagster_project.lib.readers.own_deliveries import OWN_DELIVERY_READERS
from dagster_project.lib.readers.result import ReadResult
from dagster_project.lib.readers.siris_reports import SIRIS_READERS

Reader = Callable[[Sequence[Answer]], ReadResult]

# Raw table -> its reader; a reader that knows two shapes tells them apart by file name or first bytes.
READERS: Final[dict[str, Reader]] = {
    **SIRIS_READERS,
    "ufa_measures": ufa.read_ufa,
    "pe_school_units": planned_educations.read_school_units,
    "pe_school_unit_details": planned_educations.read_school_unit_details,
    "pe_statistics": planned_educations.read_statistics,
    "pe_salsa": planned_educations.read_salsa,
    "pe_survey": survey.read_survey,
    "register_2020": register.read_register_2020,
    "register_v2": register.read_register_v2,
    "kolada_kpis": kolada.read_kpis,
    "kolada_municipality_data": kolada.read_municipality_data,
    "kolada_unit_data": kolada.read_unit_data,
    "kolada_units": kolada.read_units,
    "kolada_municipality_groups": kolada.read_municipality_groups,
    "scb_population": scb.read_population,
    **OWN_DELIVERY_READERS,
}

__all__ = ["EMPTY_TABLES", "READERS", "ReadResult", "Reader"]
