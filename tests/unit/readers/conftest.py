"""Fixtures of the reader tests."""

import pytest
from siris_families import Family, family_of

from dagster_project.lib.readers.siris_reports import REPORTS


@pytest.fixture(params=REPORTS, ids=lambda report: report.table)
def family(request: pytest.FixtureRequest) -> Family:
    """Each SIRIS family in turn."""
    return family_of(request.param)
