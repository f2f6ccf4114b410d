"""Upright, centered and of one width, against SciPy, Pillow and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image
from scipy import ndimage

from clearprop.maths.moments import mass_center, slant
from clearprop.maths.normal_forms import centered, of_width, upright

RNG = np.random.default_rng(0)
TALL, WIDE = (
    (RNG.integers(0, 256, shape) * (RNG.random(shape) < 0.4)).astype(np.uint8)
    for shape in ((9, 8, 5), (9, 6, 11))
)
SHAPES = pytest.mark.parametrize("images", [TALL, WIDE], ids=["tall", "wide"])
FORMS = {
    "upright": upright,
    "centered": centered,
    "of width": lambda xp, images: of_width(xp, images, min(3, images.shape[2])),
}
PICTURES = arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=9))


def bar(lean: float, side: int = 29, thick: float = 3.0) -> np.ndarray:
    """Return a bar through the middle that leans so many columns a row, as uint8 (1, ...)."""
    rows, columns = np.indices((side, side)) - side // 2
    ink = np.clip(thick / 2 + 0.5 - np.abs(columns - lean * rows), 0.0, 1.0)
    return np.rint(255 * ink * (np.abs(rows) <= 8)).astype(np.uint8)[None]


def breadth(image) -> int:
    """Return how many columns hold ink that can be seen."""
    return int((image.max(axis=0) > 25).sum())


@SHAPES
def test_upright_pictures_are_those_of_scipy(xp, images, float64):
    made = upright(xp, xp.asarray(images))
    assert made.dtype == xp.float64
    for image, found in zip(images, np.asarray(made), strict=True):
        rows, columns = np.nonzero(image)
        weight = np.sqrt(image[rows, columns].astype(np.float64))
        lean = np.polyfit(rows, columns, 1, w=weight)[0]
        down = ndimage.center_of_mass(image)[0]
        # SciPy wants what leads from the output back to the input: (r, c + lean·(r - down)).
        wanted = ndimage.affine_transform(
            image.astype(np.float64), [[1.0, 0.0], [lean, 1.0]], [0.0, -lean * down],
            order=1, mode="grid-constant",
        )  # fmt: skip
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)


@SHAPES
def test_centered_pictures_are_those_of_scipy(xp, images, float64):
    made = centered(xp, xp.asarray(images))
    assert made.dtype == xp.float64
    for image, found in zip(images, np.asarray(made), strict=True):
        move = (np.array(image.shape) - 1) / 2 - ndimage.center_of_mass(image)
        wanted = ndimage.shift(image.astype(np.float64), move, order=1, mode="grid-constant")
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)


@SHAPES
@pytest.mark.parametrize("pixels", [1, 2, 3, 5])
def test_of_one_width_each_column_is_the_mean_of_its_stretch(xp, images, pixels, float64):
    made = np.asarray(of_width(xp, xp.asarray(images), pixels))
    left = (images.shape[2] - pixels) // 2
    for image, found in zip(images, made, strict=True):
        inked = np.flatnonzero(image.any(axis=0))
        ink = image[:, inked[0] : inked[-1] + 1].astype(np.float64)
        # So fine a grid that the edges of the input's columns and the output's are both on it.
        fine = np.repeat(ink, pixels, axis=1)
        wanted = fine.reshape(len(image), pixels, ink.shape[1]).mean(axis=2)
        np.testing.assert_allclose(found[:, left : left + pixels], wanted, rtol=0, atol=1e-9)
        assert not np.delete(found, np.s_[left : left + pixels], axis=1).any()


@pytest.mark.parametrize("pixels", [1, 2, 3, 4, 6, 12])
def test_narrowed_pictures_are_those_of_pillows_box(pixels):
    images = RNG.integers(1, 256, (4, 6, 12)).astype(np.uint8)
    left = (12 - pixels) // 2
    for image, made in zip(images, of_width(np, images, pixels), strict=True):
        picture = Image.fromarray(image.astype(np.float32))
        wanted = np.asarray(picture.resize((pixels, 6), Image.Resampling.BOX))
        np.testing.assert_allclose(made[:, left : left + pixels], wanted, rtol=1e-6)


def test_a_width_worked_by_hand():
    # Three columns of ink become two: each shows one and a half of them.
    image = np.array([[[0, 30, 60, 90, 0, 0]]], np.uint8)
    wanted = [0.0, 0.0, (30 + 60 / 2) / 1.5, (60 / 2 + 90) / 1.5, 0.0, 0.0]
    assert of_width(np, image, 2)[0, 0] == pytest.approx(wanted, abs=1e-12)
    # One column becomes four, which all show it.
    image = np.array([[[0, 0, 0, 0, 0, 200]]], np.uint8)
    assert of_width(np, image, 4)[0, 0].tolist() == [0.0, 200.0, 200.0, 200.0, 200.0, 0.0]


@pytest.mark.parametrize("lean", [-0.8, -0.4, 0.3, 0.7])
def test_a_bar_that_leans_stands_upright(lean):
    image = bar(lean)
    assert breadth(image[0]) > breadth(bar(0.0)[0]) + 3
    made = upright(np, image)
    assert breadth(made[0]) <= breadth(bar(0.0)[0]) + 2
    assert abs(slant(np, made)[0]) < 0.01
    np.testing.assert_allclose(mass_center(np, made), mass_center(np, image * 1.0), atol=0.05)


@given(st.floats(-0.9, 0.9), st.floats(1.0, 4.0))
def test_what_stands_upright_stays(lean, thick):
    once = np.rint(upright(np, bar(lean, thick=thick))).astype(np.uint8)
    again = upright(np, once)
    # To no more than a rounding of the picture: its outermost rows move by less than a pixel.
    assert np.abs(slant(np, once.astype(np.float64)))[0] * 8 < 0.1
    assert np.abs(again - once).max() < 26


@given(PICTURES)
def test_what_is_centered_stays_unless_ink_was_lost(images):
    once = np.rint(centered(np, images)).astype(np.uint8)
    whole = np.abs(once.sum(axis=(1, 2), dtype=float) - images.sum(axis=(1, 2), dtype=float))
    kept = (whole < 0.02 * images.sum(axis=(1, 2))) & (images.max(axis=(1, 2)) > 100)
    middle = (np.array(images.shape[1:]) - 1) / 2
    assert (np.abs(mass_center(np, once[kept] * 1.0) - middle) < 0.5).all()


@given(PICTURES, st.data())
def test_what_has_its_width_stays(images, data):
    pixels = data.draw(st.integers(1, images.shape[2]))
    once = np.rint(of_width(np, images, pixels)).astype(np.uint8)
    left = (images.shape[2] - pixels) // 2
    # A border column so faint that it was rounded away makes the ink narrower.
    kept = once.any(axis=1)[:, [left, left + pixels - 1]].all(axis=1)
    np.testing.assert_allclose(of_width(np, once[kept], pixels), once[kept], rtol=0, atol=1e-9)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
@given(images=PICTURES)
def test_every_form_keeps_the_field_and_the_range(form, images):
    made = form(np, images)
    assert (made.shape, made.dtype) == (images.shape, np.float64)
    assert made.min(initial=0.0) >= -1e-9
    assert made.max(initial=0.0) <= 255.0 + 1e-9


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_blank_picture_stays_blank_and_changes_none_beside_it(xp, form, float64):
    images = TALL.copy()
    images[3] = 0
    made = np.asarray(form(xp, xp.asarray(images)))
    assert not made[3].any()
    alone = np.concatenate([np.asarray(form(xp, xp.asarray(image[None]))) for image in images])
    np.testing.assert_allclose(made, alone, rtol=0, atol=1e-9)


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_no_pictures_are_no_fault(xp, form, float64):
    assert form(xp, xp.zeros((0, 5, 4), dtype=xp.uint8)).shape == (0, 5, 4)
