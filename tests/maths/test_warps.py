"""Affine deformations and bilinear sampling, against SciPy and what can be seen by eye."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import ndimage

from clearprop.maths.warps import affine_coordinates, bilinear, linear_map, rotation

RNG = np.random.default_rng(0)
PICTURES = 12
TALL, WIDE = RNG.random((PICTURES, 7, 4)), RNG.random((PICTURES, 5, 9))
MATRICES = np.eye(2) + RNG.uniform(-0.6, 0.6, (PICTURES, 2, 2))
MATRICES[0] = [[-1.5, 0.5], [2.0, 1.0]]  # a reflection and a shear
SHIFTS = RNG.uniform(-3.0, 3.0, (PICTURES, 2))
NOTHING = np.eye(2)[None], np.zeros((1, 2))


def deformed(xp, images, matrices, shifts):
    coordinates = affine_coordinates(xp, matrices, shifts, *images.shape[1:])
    return bilinear(xp, images, coordinates)


def moved(image, matrix=NOTHING[0][0], shift=NOTHING[1][0]) -> np.ndarray:
    """Return one image, deformed."""
    return deformed(np, image[None], np.asarray(matrix)[None], np.asarray(shift, float)[None])[0]


def turned(image, degrees) -> np.ndarray:
    return moved(image, rotation(np, np.radians([float(degrees)]))[0])


def scipys(image, matrix, shift) -> np.ndarray:
    """SciPy wants what leads from the output back to the input: q = M⁻¹·p + offset."""
    back, center = np.linalg.inv(matrix), (np.array(image.shape) - 1) / 2
    offset = center - back @ (center + shift)
    return ndimage.affine_transform(image, back, offset, order=1, mode="grid-constant")


def mass_center(image) -> np.ndarray:
    return np.array([np.sum(places * image) for places in np.indices(image.shape)]) / image.sum()


@pytest.mark.parametrize("images", [TALL, WIDE], ids=["tall", "wide"])
def test_deformed_pictures_are_those_of_scipy(xp, images, float64):
    made = deformed(xp, *(xp.asarray(a) for a in (images, MATRICES, SHIFTS)))
    wanted = [scipys(*one) for one in zip(images, MATRICES, SHIFTS, strict=True)]
    np.testing.assert_allclose(np.asarray(made), wanted, rtol=0, atol=1e-12)


def test_any_coordinates_will_do(xp, float64):
    # Far outside, on the borders and beyond them by less than a pixel, and of another size.
    points = RNG.uniform(-3.0, 10.0, (PICTURES, 2, 11, 3))
    points[0, :, :, 0] = [-1e9, -2.0, -1.0, -0.5, 0.0, 3.0, 3.5, 4.0, 6.5, 7.0, 1e9]
    made = bilinear(xp, xp.asarray(TALL), xp.asarray(points))
    wanted = [
        ndimage.map_coordinates(image, at, order=1, mode="grid-constant")
        for image, at in zip(TALL, points, strict=True)
    ]
    np.testing.assert_allclose(np.asarray(made), wanted, rtol=0, atol=1e-12)


def test_brightness_fades_out_where_scipys_constant_cuts_it_off():
    image, above = np.full((3, 3), 8.0), np.array([-1.0, -0.75, -0.25, -1e-9, 0.0])
    at = np.stack([above, np.ones(5)])
    made = bilinear(np, image[None], at[None, :, :, None])[0, :, 0]
    cut = ndimage.map_coordinates(image, at, order=1, mode="constant")
    np.testing.assert_allclose(made, [0.0, 2.0, 6.0, 8.0, 8.0], atol=1e-7)
    np.testing.assert_array_equal(cut, [0.0, 0.0, 0.0, 0.0, 8.0])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("images", [TALL, WIDE], ids=["tall", "wide"])
def test_identity_returns_the_very_image(xp, images, dtype, float64):
    arrays = images[:1], *NOTHING
    made = deformed(xp, *(xp.asarray(a, dtype=getattr(xp, dtype)) for a in arrays))
    assert np.asarray(made).dtype == dtype
    assert np.array_equal(np.asarray(made), images[:1].astype(dtype))


def test_a_quarter_turn_worked_by_hand():
    image = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    upright = [[3.0, 6.0, 9.0], [2.0, 5.0, 8.0], [1.0, 4.0, 7.0]]
    np.testing.assert_allclose(turned(image, 90), upright, atol=1e-14)


@pytest.mark.parametrize("side", [4, 5])
@pytest.mark.parametrize("quarters", [-1, 1, 2, 3])
def test_quarter_turns_are_numpys(side, quarters):
    image = RNG.random((side, side))
    np.testing.assert_allclose(turned(image, 90 * quarters), np.rot90(image, quarters), atol=1e-14)


def test_a_shift_by_whole_pixels_is_a_slice():
    image = WIDE[0]
    wanted = np.zeros_like(image)
    wanted[2:, :-3] = image[:-2, 3:]
    assert np.array_equal(moved(image, shift=(2, -3)), wanted)


def test_a_picture_is_turned_first_and_then_moved():
    image = RNG.random((5, 5))
    wanted = np.zeros_like(image)
    wanted[:, 2:] = np.rot90(image)[:, :-2]
    both = moved(image, rotation(np, np.array([np.pi / 2]))[0], (0, 2))
    np.testing.assert_allclose(both, wanted, atol=1e-14)


def test_a_matrix_larger_than_one_enlarges():
    image = np.zeros((5, 5))
    image[2, 2] = 1.0
    wide = moved(image, [[1.0, 0.0], [0.0, 2.0]])
    assert wide[2].tolist() == [0.0, 0.5, 1.0, 0.5, 0.0]
    assert wide.sum() == 2.0


def test_a_shift_moves_the_mass_and_loses_none():
    image = np.zeros((12, 14))
    image[4:9, 5:8] = RNG.random((5, 3))
    made = moved(image, shift=(1.3, -2.6))
    assert made.sum() == pytest.approx(image.sum(), rel=1e-14)
    np.testing.assert_allclose(mass_center(made) - mass_center(image), [1.3, -2.6], atol=1e-13)


@pytest.mark.parametrize("degrees", [-170, -30, 10, 45, 100])
def test_a_rotation_turns_the_mass_about_the_center(degrees):
    rows, columns = np.indices((41, 41)) - 20.0
    image = np.exp(-((rows + 4.0) ** 2 + (columns - 6.0) ** 2) / 18.0)
    made = turned(image, degrees)
    assert made.sum() == pytest.approx(image.sum(), rel=1e-3)
    # The complex plane turns counter-clockwise too; its imaginary axis points up.
    place = (6.0 + 4.0j) * np.exp(1j * np.radians(degrees))
    np.testing.assert_allclose(mass_center(made) - 20.0, [-place.imag, place.real], atol=0.01)


def test_each_picture_has_a_deformation_of_its_own():
    together = deformed(np, WIDE, MATRICES, SHIFTS)
    alone = [moved(*one) for one in zip(WIDE, MATRICES, SHIFTS, strict=True)]
    assert np.array_equal(together, alone)


def test_no_pictures_are_no_fault(xp):
    none = [xp.zeros(shape, dtype=xp.float32) for shape in ((0, 5, 9), (0, 2, 2), (0, 2))]
    assert deformed(xp, *none).shape == (0, 5, 9)


def test_single_precision_is_near_double(xp):
    arrays = (xp.asarray(a, dtype=xp.float32) for a in (WIDE, MATRICES, SHIFTS))
    wanted = deformed(np, WIDE, MATRICES, SHIFTS)
    np.testing.assert_allclose(np.asarray(deformed(xp, *arrays)), wanted, rtol=0, atol=2e-5)


def test_compiled_it_is_the_same(float64):
    def whole(images, angles, shifts):
        return deformed(jnp, images, rotation(jnp, angles), shifts)

    angles = np.linspace(-3.0, 3.0, PICTURES)
    wanted = deformed(np, TALL, rotation(np, angles), SHIFTS)
    made = jax.jit(whole)(TALL, angles, SHIFTS)
    np.testing.assert_allclose(np.asarray(made), wanted, rtol=0, atol=1e-13)


def test_bytes_are_sampled_as_the_floats_that_they_are(xp, float64):
    pixels = RNG.integers(0, 256, TALL.shape).astype(np.uint8)
    points = xp.asarray(RNG.uniform(-3.0, 10.0, (PICTURES, 2, 6, 5)))
    made = bilinear(xp, xp.asarray(pixels), points)
    wanted = bilinear(xp, xp.asarray(pixels.astype(np.float64)), points)
    assert made.dtype == points.dtype
    np.testing.assert_array_equal(np.asarray(made), np.asarray(wanted))


def test_a_linear_map_is_a_shear_then_a_stretch_then_a_rotation(xp, float64):
    angles, shears = RNG.uniform(-3.0, 3.0, (2, 9))
    stretches = RNG.uniform(-2.0, 2.0, (9, 2))
    made = np.asarray(linear_map(xp, *map(xp.asarray, (angles, stretches, shears))))
    for one, angle, stretch, shear in zip(made, angles, stretches, shears, strict=True):
        parts = rotation(np, np.array([angle]))[0] @ np.diag(stretch) @ [[1.0, 0.0], [shear, 1.0]]
        np.testing.assert_allclose(one, parts, rtol=0, atol=1e-14)


def test_shear_moves_what_lies_below_to_the_right():
    picture = np.zeros((5, 5))
    picture[:, 2] = 1.0
    matrix = linear_map(np, np.zeros(1), np.ones((1, 2)), np.ones(1))[0]
    assert np.array_equal(moved(picture, matrix), np.eye(5))
