"""Freshness where it means something: every daily run looks at every source, new figures or not.

The release has no policy of its own. It is renewed when there is something new, and an old release whose
sources were looked at this morning is as fresh as it can be, all summer long.
"""

import datetime as dt

import dagster as dg

# A daily run with two hours to spare.
EXTRACT_FRESHNESS = dg.FreshnessPolicy.time_window(
    fail_window=dt.timedelta(hours=50), warn_window=dt.timedelta(hours=26)
)
