"""Errors of the HTTP clients that callers tell apart from a source being out of order."""

from dagster_project.lib.errors import SourceUnavailableError


class NotPublishedError(SourceUnavailableError):
    """The source has no such report, period or unit (HTTP 404): callers may treat it as absent."""
