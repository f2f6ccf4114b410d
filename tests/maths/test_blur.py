"""The Gaussian blur, against SciPy's."""

import numpy as np
import pytest
from scipy import ndimage

from clearprop.maths.blur import gaussian_blur

RNG = np.random.default_rng(0)
IMAGES = RNG.random((3, 7, 12))


@pytest.mark.parametrize("deviation", [0.3, 1.0, 2.5])
def test_blurred_pictures_are_those_of_scipy(xp, deviation, float64):
    made = gaussian_blur(xp, xp.asarray(IMAGES), deviation)
    wanted = ndimage.gaussian_filter(
        IMAGES, deviation, mode="constant", axes=(1, 2), radius=(4 * 7, 4 * 12)
    )
    np.testing.assert_allclose(np.asarray(made), wanted, rtol=0, atol=1e-14)


def test_a_point_becomes_the_kernel_and_loses_nothing():
    image = np.zeros((1, 41, 41))
    image[0, 20, 20] = 1.0
    made = gaussian_blur(np, image, 2.0)[0]
    assert made.sum() == pytest.approx(1.0, abs=1e-12)
    assert made[20, 22] / made[20, 20] == pytest.approx(np.exp(-0.5), rel=1e-12)


def test_single_precision_stays_single(xp):
    assert gaussian_blur(xp, xp.asarray(IMAGES, dtype=xp.float32), 1.0).dtype == xp.float32
