"""The center of mass and the slant, against SciPy, a fitted line and by hand."""

import numpy as np
import pytest
from scipy import ndimage

from clearprop.maths.moments import mass_center, slant

RNG = np.random.default_rng(0)
TALL, WIDE = (
    RNG.integers(0, 256, shape) * (RNG.random(shape) < 0.4) for shape in ((9, 8, 5), (9, 6, 11))
)
SHAPES = pytest.mark.parametrize("images", [TALL, WIDE], ids=["tall", "wide"])


def fitted_slope(image) -> float:
    """Return the slope of the line of columns over rows, each pixel weighing what it holds."""
    rows, columns = np.nonzero(image)
    return np.polyfit(rows, columns, 1, w=np.sqrt(image[rows, columns]))[0]


@SHAPES
def test_the_center_of_mass_is_scipys(xp, images, float64):
    made = mass_center(xp, xp.asarray(images, dtype=xp.float64))
    wanted = [ndimage.center_of_mass(image) for image in images]
    np.testing.assert_allclose(np.asarray(made), wanted, rtol=1e-14)


@SHAPES
def test_the_slant_is_that_of_the_line_that_fits_best(xp, images, float64):
    made = slant(xp, xp.asarray(images, dtype=xp.float64))
    np.testing.assert_allclose(np.asarray(made), [fitted_slope(image) for image in images], 1e-12)


def test_worked_by_hand(xp):
    # Ink of 1 at (0, 0), of 2 at (1, 2), of 1 at (2, 1): r̄ = 4/4, c̄ = 5/4. About it the rows
    # are at -1, 0, 1, so μ11 = -1·(0 - 5/4) + 1·(1 - 5/4) = 1 and μ02 = 1 + 0 + 1 = 2.
    image = xp.asarray([[[1.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 1.0, 0.0]]], dtype=xp.float32)
    assert np.asarray(mass_center(xp, image)).tolist() == [[1.0, 1.25]]
    assert np.asarray(slant(xp, image)).tolist() == [0.5]


def test_a_blank_picture_is_centered_and_does_not_lean(xp):
    blank = xp.zeros((2, 4, 7), dtype=xp.float32)
    assert np.asarray(mass_center(xp, blank)).tolist() == [[1.5, 3.0]] * 2
    assert np.asarray(slant(xp, blank)).tolist() == [0.0] * 2


def test_a_single_row_does_not_lean(xp):
    image = np.zeros((1, 31, 9))
    image[0, 29] = RNG.integers(1, 256, 9)
    assert np.asarray(slant(xp, xp.asarray(image, dtype=xp.float32))).tolist() == [0.0]


def test_in_whatever_order_a_machine_adds_the_result_is_the_same():
    images = RNG.integers(0, 256, (20, 28, 28)).astype(np.float64)
    for made in (slant, mass_center):
        assert np.array_equal(made(np, images), made(np, np.asfortranarray(images)))


def test_no_pictures_are_no_fault(xp):
    none = xp.zeros((0, 5, 4), dtype=xp.float32)
    assert (mass_center(xp, none).shape, slant(xp, none).shape) == ((0, 2), (0,))
