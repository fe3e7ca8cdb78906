"""The two forms of Retry-After, and what is neither."""

import datetime as dt

import pytest

from dagster_project.lib.http.client import retry_after_seconds

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        (" 120 ", 120.0),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30.0),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30.0),
        ("Sun, 22 Nov 2026 13:00:30 +0100", 30.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("22 nov", None),
    ],
)
def test_seconds_and_dates_are_understood_and_nothing_else(header, seconds):
    assert retry_after_seconds(header, now=NOW) == seconds
