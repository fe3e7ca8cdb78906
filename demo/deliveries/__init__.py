"""The file deliveries of the made-up municipality, one file per kind."""

from collections.abc import Callable
from pathlib import Path

from demo.deliveries import files, money_rows, pupils_rows, results_rows, staff_rows, units_rows
from demo.deliveries.table import Table
from demo.municipality import Municipality

MAKERS: tuple[Callable[[Municipality], Table], ...] = (
    staff_rows.staff,
    staff_rows.qualifications,
    money_rows.ledger,
    money_rows.structural_pools,
    money_rows.socioeconomic_index,
    results_rows.national_tests,
    results_rows.early_assessments,
    results_rows.grade_forecasts,
    results_rows.upper_secondary_outcomes,
    pupils_rows.background,
    units_rows.survey,
    units_rows.measures,
    pupils_rows.kaa,
    units_rows.private_units,
)


def tables(municipality: Municipality) -> list[Table]:
    """Rows of every kind."""
    return [make(municipality) for make in MAKERS]


def write(municipality: Municipality, folder: Path) -> list[Path]:
    """Write one file per kind into ``folder``, which is made if need be; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return [files.write(folder, table) for table in tables(municipality)]
