"""Which cells each audience sees; all work is done by `dagster_project.lib.disclosure`."""

from dagster_project.lib.disclosure.audiences import patterns


def model(dbt, session):  # type: ignore[no-untyped-def]
    cells = dbt.ref("ind_disclosure_cells").df()
    relations = dbt.ref("ind_disclosure_relations").df()
    # What readers were told can no longer be hidden.
    register = dbt.source("releases", "disclosed").df()
    margins = dbt.ref("ind_disclosure_margins").df()
    earlier = dbt.source("releases", "disclosure_pattern_vintage").df()
    return patterns(cells, relations, register=register, margins=margins, earlier=earlier)
