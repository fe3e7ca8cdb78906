"""What stops disclosure control. No message carries a figure: cells and relations are named by their ids."""

from dagster_project.lib.errors import EquityError


class DisclosureError(EquityError):
    """Disclosure control could not be carried out; nothing of the tables concerned may be published."""


class UnsoundCellsError(DisclosureError):
    """The table of cells is not usable: a column, key, value or bound is missing or contradicts another."""


class UnsoundRelationsError(DisclosureError):
    """A relation names an unknown cell, is stated twice, or does not hold for the values."""


class IncompleteTableError(DisclosureError):
    """A total has only some of its parts, so that what can be computed from it cannot be known."""


class RegisterError(DisclosureError):
    """The register of earlier releases is damaged, lacks a release, or contradicts the present figures."""
