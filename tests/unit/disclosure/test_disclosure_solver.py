"""The solver: what is asked again from the last answer on is answered as if it were asked anew."""

import numpy as np
import pytest
from scipy import sparse

from dagster_project.lib.disclosure.solver import Programme, minimise


def a_table(rows: int, columns: int) -> sparse.csr_array:
    """Relations of a table with its sums: row and column sums are zero, as those of deviations are."""
    cells = np.arange(rows * columns).reshape(rows, columns)
    lines = [*cells, *cells.T]
    matrix = np.zeros((len(lines), cells.size))
    for number, line in enumerate(lines):
        matrix[number, line] = 1
    return sparse.csr_array(matrix)


def test_a_programme_asked_again_finds_what_a_new_one_finds():
    rows, random = a_table(6, 7), np.random.default_rng(1)
    programme = Programme(rows)
    for _ in range(200):
        cost = random.integers(-3, 4, rows.shape[1]).astype(float)
        high = random.integers(0, 5, rows.shape[1]).astype(float)
        low = -random.integers(0, 5, rows.shape[1]).astype(float)
        again = programme.minimise(cost, low=low, high=high, seconds=10)
        anew = minimise(cost, rows, low=low, high=high, seconds=10)
        assert again.is_optimal and anew.is_optimal
        assert cost @ again.x == pytest.approx(cost @ anew.x, abs=1e-6)
        assert np.abs(rows @ again.x).max() < 1e-6


def test_what_cannot_be_is_an_answer_without_a_point_and_the_next_question_is_answered():
    rows = a_table(2, 2)
    programme, cost = Programme(rows), np.array([-1.0, 0.0, 0.0, 0.0])
    impossible = programme.minimise(
        cost, low=np.array([1.0, 1.0, 0.0, 0.0]), high=np.full(4, 2.0), seconds=10
    )
    assert impossible.x is None and not impossible.is_optimal
    possible = programme.minimise(cost, low=np.full(4, -2.0), high=np.full(4, 2.0), seconds=10)
    assert possible.x.tolist() == [2.0, -2.0, -2.0, 2.0]


def test_each_question_has_its_own_time():
    rows = a_table(12, 12)
    programme, random = Programme(rows), np.random.default_rng(2)
    high = np.full(rows.shape[1], 3.0)
    limit, asked = 0.2, 0
    # Far more time together than one question may take.
    while programme.seconds_spent < 3 * limit:
        cost = random.integers(-9, 9, rows.shape[1]).astype(float)
        assert programme.minimise(cost, low=-high, high=high, seconds=limit).is_optimal
        asked += 1
    assert asked > 1
    assert programme.minimise(cost, low=-high, high=high, seconds=0).x is None
