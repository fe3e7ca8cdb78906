"""A figure is a finite number, or None with a reason."""

import math

import pytest

from dagster_project.lib.statistics.estimates import Estimate, Reason, aligned, normal_quantile, undefined


def test_a_value_and_a_reason_exclude_each_other():
    assert Estimate(1.0).reason is None
    assert undefined(Reason.NO_PUPILS).value is None
    with pytest.raises(ValueError, match="either a value or a reason"):
        Estimate(None)
    with pytest.raises(ValueError, match="either a value or a reason"):
        Estimate(0.0, reason=Reason.NO_PUPILS)


@pytest.mark.parametrize("number", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("field", ["value", "lower", "upper"])
def test_what_is_not_a_number_is_refused(field, number):
    with pytest.raises(ValueError, match="finite"):
        Estimate(**{"value": 1.0, field: number})


def test_columns_are_flat_and_of_one_length():
    first, second = aligned([1, None], (2, 3))
    assert math.isnan(first[1])
    assert second.tolist() == [2, 3]
    for columns in (([1], [1, 2]), ([[1]], [[1]]), ([math.inf], [1])):
        with pytest.raises(ValueError, match="columns must"):
            aligned(*columns)


def test_quantiles_of_the_usual_intervals():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-14)
    assert normal_quantile(0.998) == pytest.approx(3.090232306167813, rel=1e-14)
