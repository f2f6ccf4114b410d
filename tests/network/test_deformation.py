"""Deformation in the step: what its settings mean, pixel by pixel, and what it refuses."""

import math

import numpy as np
import pytest
from scipy import ndimage

from clearprop.errors import SettingError
from clearprop.inputs import Preparation
from clearprop.maths.noise import uniform
from clearprop.network import Deformation, Rows, build_training, gather, gather_deformed
from clearprop.network.deformation import (
    DRAWS,
    constants,
    deformed,
    draws,
    left,
    plan,
    strengths,
)

RNG = np.random.default_rng(0)
KEYS = np.array([[1, 2], [3, 4]], np.uint32)
PIXELS = RNG.integers(0, 256, (200, 28 * 28)).astype(np.uint8)
LABELS = RNG.integers(0, 10, 200).astype(np.int32)
EVERYTHING = {
    "rotation": 20.0,
    "scale": 0.2,
    "shear": 0.3,
    "shift": 2.0,
    "elastic": 1.2,
    "flip": 0.5,
    "erase": 8.0,
    "mixup": 0.4,
    "strength": {"1": 0.5},
}


def made(xp=np, x=PIXELS, labels=LABELS, dtype=None, **settings):
    """Return the pictures (n, 28, 28) that these settings make, and the draws they used."""
    asked = Deformation(**{"sides": (28, 28)} | settings)
    values = constants(asked) | strengths(asked) | {"deformation": xp.asarray(KEYS)}
    drawn = draws(xp, values, len(x), dtype or xp.float64)
    fixed = plan(asked, x.shape[1:], 10)
    out = deformed(xp, fixed, xp.asarray(x), xp.asarray(labels), drawn, values)
    return np.asarray(out).reshape(len(x), *fixed.sides), np.asarray(drawn)


def batch_of(index, targets=LABELS, dtype=np.float64, weight=None, **settings):
    asked = Deformation(**{"sides": (28, 28)} | settings)
    values = constants(asked) | strengths(asked) | {"deformation": KEYS}
    rows = Rows(PIXELS, targets, weight)
    fixed = plan(asked, PIXELS.shape[1:], 10)
    return gather_deformed(np, fixed, rows, np.asarray(index), Preparation(), dtype, values)


def test_with_everything_off_pictures_are_as_they_were(float64, xp):
    assert np.array_equal(made(xp)[0], PIXELS.reshape(-1, 28, 28))


def test_rotation_is_scipys(xp, float64):
    turned, drawn = made(xp, rotation=30.0)
    angle = math.radians(30.0) * (2.0 * drawn[0, 0] - 1.0)
    matrix = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    middle = np.array([13.5, 13.5])
    back = np.linalg.inv(matrix)
    wanted = ndimage.affine_transform(
        PIXELS[0].reshape(28, 28).astype(float), back, middle - back @ middle, order=1,
        mode="grid-constant",
    )  # fmt: skip
    np.testing.assert_allclose(turned[0], wanted, rtol=0, atol=1e-9)


def test_elastic_pictures_are_scipys_map_coordinates(xp, float64):
    bent, _ = made(xp, elastic=1.5, smoothness=3.0)
    field = 2.0 * uniform(np, KEYS[1], (len(PIXELS), 2 * 28 * 28), np.float64) - 1.0
    field = field.reshape(-1, 2, 28, 28).swapaxes(2, 3)
    line = np.exp(-0.5 * (np.arange(-112, 113) / 3.0) ** 2)
    line /= line.sum()
    factor = 1.5 * math.sqrt(3.0) / np.sum(line * line)
    for k in (0, 7, 199):
        smooth = [
            factor * ndimage.gaussian_filter(one, 3.0, mode="constant", radius=112)
            for one in field[k]
        ]
        wanted = ndimage.map_coordinates(
            PIXELS[k].reshape(28, 28).astype(float), np.indices((28, 28)) + smooth, order=1,
            mode="grid-constant",
        )  # fmt: skip
        np.testing.assert_allclose(bent[k], wanted, rtol=0, atol=1e-8)


def test_about_half_are_mirrored_and_the_others_stay(float64):
    flipped, drawn = made(flip=0.5)
    plain = PIXELS.reshape(-1, 28, 28)
    mirrored = drawn[:, 6] < 0.5
    np.testing.assert_allclose(flipped[mirrored], plain[mirrored][:, :, ::-1], atol=1e-9)
    np.testing.assert_allclose(flipped[~mirrored], plain[~mirrored], atol=1e-9)
    assert 60 < mirrored.sum() < 140


def test_a_rectangle_is_blank_and_the_rest_stays():
    blanked, _ = made(np, PIXELS | 1, erase=10.0)
    for picture, plain in zip(blanked, (PIXELS | 1).reshape(-1, 28, 28), strict=True):
        rows, columns = np.nonzero(picture != plain)
        assert len(rows) == len(set(rows)) * len(set(columns)) <= 11 * 11
        assert not picture[picture != plain].any()
    assert any((picture == 0).sum() > 20 for picture in blanked)


def test_a_class_may_be_spared():
    turned, _ = made(rotation=90.0, shear=1.0, strength={"1": 0.0})
    same = np.isclose(turned, PIXELS.reshape(-1, 28, 28), atol=1e-9).all(axis=(1, 2))
    assert np.array_equal(same, LABELS == 1)


def test_every_setting_changes_the_pictures():
    plain, _ = made()
    for name in ("rotation", "scale", "shear", "shift", "elastic", "flip", "erase"):
        assert not np.array_equal(made(**{name: EVERYTHING[name]})[0], plain), name


def test_strengths_fade_evenly_to_nothing_at_the_end():
    fading = Deformation(rotation=90.0, shift=2.0, fade=0.4)
    shares = [left(fading, time, 10.0) for time in (0.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0)]
    assert shares == pytest.approx([1.0, 1.0, 0.75, 0.5, 0.25, 0.0, 0.0])
    assert left(Deformation(shift=2.0), 9.0, 10.0) == 1.0
    half = strengths(fading, 0.5)
    assert half["deformation.rotation"] == pytest.approx(math.pi / 4)
    assert half["deformation.shift"] == 1.0
    assert not half.keys() & constants(fading).keys()


def test_draws_have_nothing_in_common():
    drawn = draws(np, {"deformation": KEYS}, 5000, np.float64)
    assert drawn.shape == (5000, DRAWS)
    correlation = np.corrcoef(drawn.T) - np.eye(DRAWS)
    assert np.abs(correlation).max() < 5.0 / math.sqrt(5000)


def test_mixup_mixes_inputs_and_targets_alike():
    index = [3, 5, 8, 13, -1, -1]
    mixed, plain = batch_of(index, mixup=0.5), gather_plain(index)
    labels, share = mixed.mixed
    assert labels.tolist()[:4] == LABELS[[13, 3, 5, 8]].tolist()
    assert ((share >= 0.0) & (share < 0.5)).all()
    for k, other in ((0, 3), (1, 0), (2, 1), (3, 2)):
        wanted = (1.0 - share[k]) * plain.x[k] + share[k] * plain.x[other]
        np.testing.assert_allclose(mixed.x[k], wanted, atol=1e-12)
    assert mixed.real.tolist() == [1, 1, 1, 1, 0, 0]


def gather_plain(index):
    return gather(np, Rows(PIXELS, LABELS, None), np.asarray(index), Preparation(), np.float64)


def test_targets_of_several_numbers_keep_their_rows():
    targets = RNG.dirichlet(np.ones(10), 200)
    batch = batch_of([4, 2], targets=targets, rotation=10.0, mixup=0.3)
    assert np.array_equal(batch.y, targets[[4, 2]])
    assert np.array_equal(batch.mixed[0], targets[[2, 4]])


def test_a_row_that_weighs_nothing_is_not_mixed_in():
    weight = np.ones(200)
    weight[5] = 0.0
    share = batch_of([3, 5, 8], weight=weight, mixup=0.5).mixed[1]
    assert share[2] == 0.0 < min(share[:2])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_type_is_the_one_that_was_asked_for(dtype):
    batch = batch_of([1, 2, 3], dtype=dtype, **EVERYTHING)
    assert batch.x.dtype == batch.mixed[1].dtype == dtype
    assert 0.0 <= batch.x.min() <= batch.x.max() <= 1.0 + 1e-6


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rotation": -1.0}, "deformation.rotation is -1"),
        ({"scale": math.nan}, "deformation.scale is nan"),
        ({"smoothness": 1e-50}, "smoothness is 1e-50; it must be at least 0.1"),
        ({"mixup": 0.6}, "between 0 and 0.5"),
        ({"fade": 1.1}, "deformation.fade is 1.1; it must lie between 0 and 1"),
        ({"strength": {"one": 1.0}}, "give class numbers"),
        ({"strength": {"01": 1.0}}, "give class numbers"),
        ({"strength": {"1": -1.0}}, "strength of class 1"),
    ],
)
def test_what_means_nothing_is_refused(settings, message):
    with pytest.raises(SettingError, match=message):
        Deformation(**settings)


def test_sides_must_be_the_pictures():
    assert plan(Deformation(shift=1.0), (28, 28), 10).sides == (28, 28)
    assert plan(Deformation(shift=1.0, sides=(4, 6)), (24,), 10).sides == (4, 6)
    with pytest.raises(SettingError, match="say their height and width"):
        plan(Deformation(sides=(5, 5)), (24,), 10)
    assert plan(Deformation(shift=1.0), (784,), 10).sides == ()


def test_a_strength_is_of_a_class_that_there_is():
    with pytest.raises(SettingError, match="names class 3, but the last of 3 classes is 2"):
        plan(Deformation(strength={"3": 0.5}), (3, 3), 3)
    made = build_training(deformation={"shift": 1, "strength": {1: 0.5}})
    assert made.deformation.strength == {"1": 0.5}
