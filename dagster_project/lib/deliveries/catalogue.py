"""All kinds of deliveries, in the order the documentation lists them."""

from collections.abc import Mapping
from typing import Final

from dagster_project.lib.deliveries.kinds import Kind
from dagster_project.lib.deliveries.kinds_organisation import MEASURES, PRIVATE_UNITS
from dagster_project.lib.deliveries.kinds_pupils import BACKGROUND, KAA, SURVEY
from dagster_project.lib.deliveries.kinds_resources import LEDGER, SOCIOECONOMIC_INDEX, STRUCTURAL_POOLS
from dagster_project.lib.deliveries.kinds_results import (
    EARLY_ASSESSMENTS,
    GRADE_FORECASTS,
    NATIONAL_TESTS,
    UPPER_SECONDARY_OUTCOMES,
)
from dagster_project.lib.deliveries.kinds_staff import STAFF, STAFF_QUALIFICATIONS

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        STAFF,
        STAFF_QUALIFICATIONS,
        LEDGER,
        STRUCTURAL_POOLS,
        SOCIOECONOMIC_INDEX,
        NATIONAL_TESTS,
        EARLY_ASSESSMENTS,
        GRADE_FORECASTS,
        UPPER_SECONDARY_OUTCOMES,
        BACKGROUND,
        SURVEY,
        MEASURES,
        KAA,
        PRIVATE_UNITS,
    )
}

RAW_COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    kind.raw_table: kind.raw_columns for kind in KINDS.values()
}
