"""How the three figures are written."""

from dataclasses import replace

import pytest

from dagster_project.commands.figures import Figure, thousands

_FIGURE = Figure(
    name_sv="Genomsnittligt meritvärde åk 9",
    group_sv="Kommunal huvudman",
    school_year="2024/25",
    unit_of_measure="points",
    value=235.5824,
    status_sv=None,
    basis="1 954 pupils, 19 units",
    national=223.56,
    similar=None,
)


def test_a_value_is_written_as_swedish_readers_do():
    assert _FIGURE.own == "235,58 poäng"
    assert replace(_FIGURE, unit_of_measure="percent", value=71.5).own == "71,5 %"
    assert replace(_FIGURE, unit_of_measure="percentage_points", value=-11.35).own == "−11,3 procentenheter"


def test_a_hidden_value_says_that_it_is_hidden():
    assert replace(_FIGURE, value=None, status_sv="Dold av sekretess").own == "Dold av sekretess"


def test_what_cannot_be_compared_is_a_dash():
    assert _FIGURE.shown(_FIGURE.similar) == "–"


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (1954, "1 954"), (326.5, "326,5"), (293608, "293 608")]
)
def test_counts_have_a_space_between_thousands(number: float, text: str):
    assert thousands(number) == text
