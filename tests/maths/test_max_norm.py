"""Max-norm, against the same done by hand, column by column."""

import numpy as np
import pytest

from clearprop.maths.max_norm import max_norm

# Columns of norm 5, 0, 1 and exactly 2.
WEIGHT = np.array([[3.0, 0.0, 0.6, 2.0], [-4.0, 0.0, 0.8, 0.0]])
BOUNDED = np.array([[1.2, 0.0, 0.6, 2.0], [-1.6, 0.0, 0.8, 0.0]])


@pytest.mark.parametrize("turned", [False, True])
def test_a_unit_above_the_bound_is_scaled_to_it_and_the_others_stay(xp, turned):
    weight, expected = (WEIGHT.T, BOUNDED.T) if turned else (WEIGHT, BOUNDED)
    made = np.asarray(max_norm(xp, xp.asarray(weight), 2.0, incoming=int(turned)))
    np.testing.assert_allclose(made, expected, rtol=1e-6)
    under = np.moveaxis(made, int(turned), 0)[:, 1:]
    assert np.array_equal(under, WEIGHT[:, 1:].astype(made.dtype))  # to the bit


def test_no_norm_is_above_the_bound_by_more_than_rounding():
    weight = np.random.default_rng(0).normal(size=(50, 30))
    made = max_norm(np, weight, 1.5)
    norms = np.linalg.norm(made, axis=0)
    assert norms == pytest.approx(np.minimum(np.linalg.norm(weight, axis=0), 1.5), rel=1e-14)
