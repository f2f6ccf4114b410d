"""Elastic fields against SciPy's Gaussian filter, and their deviation against draws."""

import numpy as np
import pytest
from scipy import ndimage

from clearprop.maths import elastic
from clearprop.maths.elastic import REACH, displacements, kernel, smoothing

RNG = np.random.default_rng(0)


def scipys(fields: np.ndarray, sigma: float) -> np.ndarray:
    """SciPy's filter along both axes of a picture, reaching as far along each as ours does."""
    made = fields
    for axis in (2, 3):
        radius = REACH * fields.shape[axis]
        made = ndimage.gaussian_filter1d(made, sigma, axis=axis, mode="constant", radius=radius)
    return made


@pytest.mark.parametrize("sigma", [0.7, 2.5, 6.0])
def test_smoothing_is_scipys_gaussian_filter(xp, float64, sigma):
    lines = RNG.normal(size=(3, 2, 9, 9))
    matrix = np.asarray(smoothing(xp, 9, sigma, xp.float64))
    np.testing.assert_allclose(matrix @ lines @ matrix.T, scipys(lines, sigma), rtol=0, atol=1e-14)


def test_displacements_are_a_smoothed_draw(xp, float64):
    draws = RNG.uniform(-1.0, 1.0, (4, 2, 7, 11))  # on their side: 11 rows, 7 columns
    made = np.asarray(displacements(xp, xp.asarray(draws), 1.5, 2.0))
    wanted = scipys(draws.swapaxes(2, 3), 2.0)
    assert made.shape == (4, 2, 11, 7)
    np.testing.assert_allclose(made / made[0, 0, 5, 3], wanted / wanted[0, 0, 5, 3], rtol=1e-9)


@pytest.mark.parametrize(("deviation", "sigma"), [(1.4, 3.0), (0.5, 5.0)])
def test_the_deviation_is_the_one_that_was_asked_for(deviation, sigma):
    draws = RNG.uniform(-1.0, 1.0, (20_000, 2, 28, 28))
    middle = displacements(np, draws, deviation, sigma)[:, :, 14, 14]
    # 40,000 draws: the deviation is known to 0.4 % of itself, one standard error.
    assert middle.std() == pytest.approx(deviation, rel=0.015)
    assert abs(middle.mean()) < 5.0 * deviation / np.sqrt(middle.size)


def test_each_axis_has_its_kernel_made_once(monkeypatch):
    asked = []

    def counted(xp, size, sigma, dtype):
        asked.append(size)
        return kernel(xp, size, sigma, dtype)

    monkeypatch.setattr(elastic, "kernel", counted)
    displacements(np, np.zeros((1, 2, 7, 11)), 1.5, 2.0)
    assert asked == [11, 7]


def test_simards_alpha(float64):
    # The docstring's 24.6: √3 over the square of the kernel's norm, at σ = 4.
    line = kernel(np, 28, 4.0, np.float64)
    assert 3.0**0.5 / np.sum(line * line) == pytest.approx(24.6, abs=0.05)
