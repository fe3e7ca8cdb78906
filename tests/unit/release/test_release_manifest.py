"""What the manifest says of each table."""

from release_kit import KEYS

from dagster_project.lib.release.store import ReleaseStore


def test_the_manifest_names_the_key_of_each_table_so_that_any_two_releases_can_be_compared_later(
    one_release: ReleaseStore,
):
    tables = one_release.get("R000001").manifest.tables

    assert {name: entry.key for name, entry in tables.items()} == KEYS
