"""What the manifest says of each table."""

from pathlib import Path

import duckdb
import pytest
from release_kit import KEYS, PARTS, build, record_for

from dagster_project.defs.publication.audience import INTERNAL, PUBLIC, Audience
from dagster_project.defs.publication.candidate import refused_breakdowns
from dagster_project.lib.release import audit
from dagster_project.lib.release.publish import PublishOptions, publish
from dagster_project.lib.release.store import ReleaseStore


def test_the_manifest_names_the_key_of_each_table_so_that_any_two_releases_can_be_compared_later(
    one_release: ReleaseStore,
):
    tables = one_release.get("R000001").manifest.tables

    assert {name: entry.key for name, entry in tables.items()} == KEYS


REFUSED = {
    "indicator_id": "own_absent_10_share__level",
    "entity_type": "area",
    "dimension": "newly_arrived",
    "figures": 5,
    "why_sv": "Det gick inte att skydda.",
}


@pytest.mark.parametrize("audience", [PUBLIC, INTERNAL], ids=lambda audience: audience.name)
def test_a_breakdown_that_is_hidden_whole_is_read_from_the_candidate(tmp_path: Path, audience: Audience):
    candidate = tmp_path / "equity.duckdb"
    with duckdb.connect(candidate) as connection:
        connection.execute(
            f"""
            create table pub{audience.suffix}_suppression_log as
            from (
                values
                ('own_absent_10_share__level', 'unit', 'sex', 40, 12, 0, null),
                ('own_absent_10_share__level', 'area', 'newly_arrived', 9, 5, 5, 'Det gick inte att skydda.')
            ) as log (indicator_id, entity_type, dimension, figures, hidden, refused, refused_why_sv)
            """
        )
    assert [each.model_dump() for each in refused_breakdowns(candidate, audience)] == [
        {"audience": audience.name, **REFUSED}
    ]


def test_the_manifest_names_what_was_refused_and_why(tmp_path: Path):
    candidate = build(tmp_path, "build-1")
    refused = [audit.RefusedBreakdown(audience="public", **REFUSED)]
    audit.save(record_for(candidate).model_copy(update={"refused_breakdowns": refused}), candidate)
    release = publish(ReleaseStore(tmp_path), candidate, PARTS, PublishOptions(key_columns=KEYS))
    assert release.manifest.refused_breakdowns == refused
