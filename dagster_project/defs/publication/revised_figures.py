"""Which published figures do not change without a person's word, and how much of them may."""

import dagster as dg

from dagster_project.defs.publication.audience import Audience
from dagster_project.lib.release.revisions import RevisionLimits, Revisions, WatchedTable, read_limits
from dagster_project.settings import PROJECT_ROOT

_LIMITS = PROJECT_ROOT / "seeds" / "thresholds" / "thr_revision.csv"
# Table: column with what is measured, with the status, with the version of the method.
_WATCHED = {
    "pub_indicators": ("indicator_id", "status", "method_version"),
    "pub_municipality_measures": ("measure_id", "value_status", None),
    "pub_organiser_measures": ("measure_id", "value_status", None),
    "pub_unit_measures": ("measure_id", "value_status", None),
    "pub_internal_indicators": ("indicator_id", "status", "method_version"),
}
_COLUMNS = ("table", "subject", "school_year", "rows_before", "added", "changed", "vanished", "became_hidden")


def watched_tables(audience: Audience) -> dict[str, WatchedTable]:
    """The audience's tables whose figures are quoted, by name."""
    return {
        table: WatchedTable(key=tuple(key), subject=subject, status=status, method=method)
        for table, key in audience.key_columns().items()
        if table in _WATCHED
        for subject, status, method in [_WATCHED[table]]
    }


def revision_limits() -> RevisionLimits:
    """The limits of the seed ``thr_revision``.

    Raises:
        SettingsError: see :func:`revisions.read_limits`.
    """
    return read_limits(_LIMITS)


def as_table(revisions: Revisions) -> dg.TableMetadataValue:
    """Revisions as a table for the Dagster UI, the unexpected ones first."""
    first = sorted(revisions.found, key=lambda each: not each.is_unexpected)
    return dg.MetadataValue.table(
        [
            dg.TableRecord(
                {name: getattr(each, name) for name in _COLUMNS}
                | {"verdict": _verdict(each.is_unexpected, each.is_announced)}
            )
            for each in first
        ],
        schema=dg.TableSchema(
            columns=[
                *(dg.TableColumn(name, "string") for name in _COLUMNS[:3]),
                *(dg.TableColumn(name, "int") for name in _COLUMNS[3:]),
                dg.TableColumn("verdict", "string"),
            ]
        ),
    )


def _verdict(is_unexpected: bool, is_announced: bool) -> str:
    if is_unexpected:
        return "a person has to look"
    return "new version of the method" if is_announced else "expected"
