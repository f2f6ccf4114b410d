"""Points in a cube: evener than chance, by SciPy's measure of it."""

import numpy as np
import pytest
from scipy.stats import qmc

from clearprop.maths.spread import PHI, spread


def test_phi_is_the_root_that_the_sequence_is_built_on():
    assert pytest.approx(PHI + 1.0, rel=1e-15) == PHI**4


@pytest.mark.parametrize("count", [7, 15, 63, 255])
def test_points_are_evener_than_random_ones(count):
    rng = np.random.default_rng(0)
    chance = [qmc.discrepancy(rng.random((count, 3))) for _ in range(100)]
    assert qmc.discrepancy(np.array(spread(count))) < np.quantile(chance, 0.05)


def test_more_points_begin_with_the_same_ones_and_all_lie_in_the_cube():
    many = spread(200)
    assert many[:7] == spread(7)
    assert spread(0) == []
    assert all(0.0 <= x < 1.0 for point in many for x in point)
    assert len(set(many)) == 200
