"""Changed pictures, against NumPy, SciPy and what their definitions say."""

import numpy as np
import pytest
from scipy import ndimage, stats

from clearprop.insight.report import corruptions
from clearprop.insight.report.corruptions import (
    AT_ONCE,
    CORRUPTIONS,
    corrupted,
    noisy,
    rotated,
    shifted,
    span_of,
    strengths_for,
)

RNG = np.random.default_rng(0)
ROTATION, SHIFT, NOISE, BLUR = CORRUPTIONS
IMAGES = RNG.integers(0, 256, (9, 7, 11)).astype(np.uint8)


def changed(images, corruption, strength):
    return corrupted(images, corruption, strength, span_of(images))


@pytest.mark.parametrize("corruption", CORRUPTIONS, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", ["uint8", "float32", "float64"])
def test_shape_and_type_stay(corruption, kind):
    images = IMAGES.astype(kind)
    made = changed(images, corruption, corruption.strengths[0])
    assert (made.shape, made.dtype) == (images.shape, images.dtype)
    assert (made != images).any()
    assert np.array_equal(made, changed(images, corruption, corruption.strengths[0]))


def test_every_second_picture_is_turned_the_other_way():
    square = RNG.random((2, 6, 6)).astype(np.float32)
    made = rotated(square, 90, 0)
    np.testing.assert_allclose(made[0], np.rot90(square[0]), atol=1e-5)
    np.testing.assert_allclose(made[1], np.rot90(square[1], -1), atol=1e-5)


def test_moves_go_every_way_in_turn():
    made = shifted(np.ones((5, 4, 6), np.float32), 1, 0)
    for picture, dark in zip(made, ("top", "bottom", "left", "right", "top"), strict=True):
        wanted = np.ones((4, 6))
        edge = {"top": np.s_[0], "bottom": np.s_[-1], "left": np.s_[:, 0], "right": np.s_[:, -1]}
        wanted[edge[dark]] = 0
        assert np.array_equal(picture, wanted)


def test_blurred_pictures_are_scipys_rounded():
    wanted = ndimage.gaussian_filter(
        IMAGES.astype(np.float64), 1.0, mode="constant", axes=(1, 2), radius=(6, 10)
    )
    assert np.abs(changed(IMAGES, BLUR, 1.0) - wanted).max() <= 0.501


def test_noise_is_normal_and_of_its_strength():
    gray = np.full((AT_ONCE, 20, 20), 0.5, np.float32)
    first, second = (noisy(gray, 0.05, block) - 0.5 for block in (0, 1))
    for draw in (first, second):
        assert stats.kstest(draw.ravel() / 0.05, "norm").pvalue > 0.001
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 5 / np.sqrt(first.size)


def test_noise_is_cut_off_at_black_and_white():
    made = changed(IMAGES, NOISE, 0.6)
    assert (made == 0).mean() > 0.1
    assert (made == 255).mean() > 0.1


def test_blocks_change_nothing_but_the_noise(monkeypatch):
    whole = [changed(IMAGES, one, one.strengths[1]) for one in (ROTATION, SHIFT, BLUR)]
    monkeypatch.setattr(corruptions, "AT_ONCE", 4)
    parts = [changed(IMAGES, one, one.strengths[1]) for one in (ROTATION, SHIFT, BLUR)]
    for one, other in zip(whole, parts, strict=True):
        assert np.abs(one.astype(int) - other).max() <= 1


def test_of_floats_the_darkest_comes_in_from_outside():
    images = IMAGES.astype(np.float64) / 255.0 - 3.0
    made = changed(images, SHIFT, 2)
    np.testing.assert_allclose(made[0, :2], images.min(), atol=1e-5)
    np.testing.assert_allclose(made[0, 2:], images[0, :-2], atol=1e-5)


def test_pictures_of_one_shade_are_no_fault():
    assert np.isfinite(changed(np.full((3, 4, 4), 0.25), NOISE, 0.3)).all()


def test_no_picture_is_moved_out_of_sight():
    assert strengths_for(SHIFT, (28, 28)) == (1, 2, 3, 4, 6)
    assert strengths_for(SHIFT, (8, 30)) == (1, 2, 3)
    assert strengths_for(SHIFT, (2, 2)) == ()
    assert strengths_for(BLUR, (2, 2)) == BLUR.strengths
