"""Freshness where readers look: the release, which a daily run renews or confirms."""

import datetime as dt

import dagster as dg

# A daily run with two hours to spare.
RELEASE_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=dt.timedelta(hours=50), warn_window=dt.timedelta(hours=26)
)
# The agencies are asked once a week.
EXTRACT_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=dt.timedelta(days=15), warn_window=dt.timedelta(days=8)
)
