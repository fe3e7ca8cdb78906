"""What readers can compute of units that an agency hid, from everything that is pooled from units."""

import duckdb
import pandas as pd
import pytest

from dagster_project.lib.disclosure.pooled import FIGURE, told


@pytest.fixture(scope="module")
def tables(release) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Hidden units in pooled figures; and figures that have a value, shown or not."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{release.warehouse}' as build (read_only)")
        return (
            connection.sql("from build.indicators.ind_disclosure_pooled").df(),
            connection.sql("from build.indicators.ind_indicators where value is not null").df(),
        )


def test_no_hidden_unit_and_no_two_can_be_computed_from_what_is_shown(tables):
    pooled, figures = tables
    assert pooled["unit_key"].nunique() > 100
    assert told(pooled, figures[figures["suppression"].isna()]).empty


def test_they_could_if_everything_were_shown(tables):
    pooled, figures = tables
    assert len(told(pooled, figures[FIGURE])) > 100
