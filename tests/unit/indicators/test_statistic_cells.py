"""What own statistics are made of is known, so that what may not be shown of it is not computed from them."""

import csv

from dagster_project.lib.indicators.catalogue import SEEDS, read

# Of points: no level counts them, and who did not pass is another cell.
OF_POINTS = ("own_grade_points_", "own_test_score_")

OWN = [indicator.row for indicator in read() if indicator.is_own]
LEVELS = {row["measure_id"] for row in OWN if row["method"] == "level"}
# Of measures (insatser), which are not persons.
STATISTICS = {row["measure_id"] for row in OWN if row["method"] not in ("level", "share_of_measures")}
with (SEEDS / "crosswalks" / "xwalk_statistic_cells.csv").open(encoding="utf-8", newline="") as file:
    CELLS = {row["measure_id"]: row["cell_measure_id"] for row in csv.DictReader(file, delimiter=";")}


def test_every_statistic_is_of_a_level_or_says_which_levels_cells_it_is_made_of():
    unknown = STATISTICS - LEVELS - CELLS.keys()
    assert {measure_id for measure_id in unknown if not measure_id.startswith(OF_POINTS)} == set()


def test_the_cells_are_those_of_a_level_and_of_statistics_that_have_none():
    assert set(CELLS.values()) <= LEVELS
    assert CELLS.keys() <= STATISTICS - LEVELS
