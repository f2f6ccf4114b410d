"""Rotated and shifted pictures added to a split."""

import hashlib
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

from clearprop.data import deformed, from_arrays
from clearprop.data.deformed import with_deformed
from clearprop.errors import SettingError
from clearprop.maths.randomness import key


def split_of(images):
    return from_arrays(images, np.arange(len(images)) % 3, ["a", "b", "c"])


def pictures(rows=6, dtype=np.uint8, shape=(9, 8)):
    """Return random pictures whose first pixel is the number of the row."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (rows, *shape)).astype(dtype)
    images.reshape(rows, -1)[:, 0] = np.arange(rows)
    return split_of(images)


def dots(rows, side=21):
    """Return pictures with a round spot up and right of the center; it stays inside."""
    y, x = np.indices((side, side)) - side // 2
    return split_of(np.repeat(np.exp(-((y + 3.0) ** 2 + (x - 3.0) ** 2) / 8.0)[None], rows, axis=0))


def places(images):
    """Return the center of mass of each picture, from its middle: (n, 2)."""
    middle = (np.array(images.shape[1:]) - 1) / 2
    return np.array([ndimage.center_of_mass(image) for image in images]) - middle


def test_the_originals_come_first_and_unchanged():
    split = pictures()
    larger = with_deformed(split, 4, rotation=20.0, shift=2.0, seed=0)
    assert len(larger) == 10
    assert np.array_equal(larger.images[:6], split.images)
    assert np.array_equal(larger.labels[:6], split.labels)
    assert larger.classes == split.classes
    assert not larger.images.flags.writeable
    assert not larger.labels.flags.writeable


@given(
    rows=st.integers(1, 8),
    count=st.integers(1, 20),
    seed=st.integers(),
    dtype=st.sampled_from([np.uint8, np.float16, np.float32, np.float64]),
)
def test_without_rotation_and_shift_they_equal_their_originals(rows, count, seed, dtype):
    split = pictures(rows, dtype)
    larger = with_deformed(split, count, rotation=0, shift=0, seed=seed)
    assert larger.images.dtype == dtype
    numbers = larger.images[rows:, 0, 0].astype(int)
    assert np.array_equal(larger.images[rows:], split.images[numbers])
    assert np.array_equal(larger.labels[rows:], split.labels[numbers])


@given(rows=st.integers(1, 8), count=st.integers(1, 20))
def test_no_row_is_taken_again_before_all_are_taken(rows, count):
    larger = with_deformed(pictures(rows), count, rotation=0, shift=0, seed=0)
    taken = np.bincount(larger.images[rows:, 0, 0], minlength=rows)
    assert taken.max() - taken.min() <= 1


def test_rows_are_taken_in_philoxs_order():
    larger = with_deformed(pictures(100), 80, rotation=0, shift=0, seed=5)
    words = np.random.Philox(key=key(5, "deformed", "rows")).random_raw(100)
    assert np.array_equal(larger.images[100:, 0, 0], np.argsort(words, kind="stable")[:80])


def test_the_seed_decides_which_rows_and_nothing_else_does():
    def made(seed):
        return with_deformed(pictures(50), 50, rotation=20.0, shift=2.0, seed=seed)

    first, again, other = made(0), made(0), made(1)
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.labels[50:], other.labels[50:])


def test_the_seed_decides_how_they_are_deformed():
    one, other = (with_deformed(dots(1), 20, 20.0, 2.0, seed).images[1:] for seed in (0, 1))
    assert (np.abs(one - other).max(axis=(1, 2)) > 0.01).all()


def test_the_draws_are_the_same_everywhere_for_good():
    angles, moves = deformed._draws(0, 100, 180.0, 1.0)
    grid = np.stack([angles / np.pi, *moves.T]) * 2**23
    assert np.array_equal(grid.round(), grid.round(6))
    digest = hashlib.sha256(grid.round().astype("<i4").tobytes()).hexdigest()
    assert digest.startswith("673333c5e72789a2")


def test_a_larger_count_adds_the_same_pictures_and_more(monkeypatch):
    split = pictures()
    few = with_deformed(split, 5, rotation=20.0, shift=2.0, seed=0)
    monkeypatch.setattr(deformed, "AT_ONCE", 4)  # nor does it matter how many at once
    more = with_deformed(split, 11, rotation=20.0, shift=2.0, seed=0)
    assert np.array_equal(few.images, more.images[:11])


def test_moves_reach_as_far_as_they_may_and_no_farther():
    moves = places(with_deformed(dots(1), 400, 0.0, 2.5, seed=0).images[1:]) - [-3.0, 3.0]
    # The spot's tail is cut off at the border, by less than a hundredth of a pixel.
    assert np.abs(moves).max() < 2.51
    assert (moves.min(axis=0) < -2.4).all()
    assert (moves.max(axis=0) > 2.4).all()
    # Uniform, with standard deviation 2.5/√3 = 1.44; for the mean of 400 it is 0.072.
    assert np.abs(moves.mean(axis=0)).max() < 4.5 * 0.072
    assert abs(np.corrcoef(moves.T)[0, 1]) < 4.5 / np.sqrt(400)


def test_angles_reach_as_far_as_they_may_and_no_farther():
    y, x = places(with_deformed(dots(1), 400, 30.0, 0.0, seed=0).images[1:]).T
    angles = np.degrees(np.arctan2(-y, x)) - 45.0
    assert np.abs(angles).max() < 30.1
    assert angles.min() < -29.0
    assert angles.max() > 29.0
    # Uniform, with standard deviation 30/√3 = 17.3; for the mean of 400 it is 0.87.
    assert abs(angles.mean()) < 4.5 * 0.87


def test_bytes_are_rounded_to_the_nearest():
    exact = with_deformed(pictures(dtype=np.float64), 30, rotation=40.0, shift=2.0, seed=3)
    whole = with_deformed(pictures(), 30, rotation=40.0, shift=2.0, seed=3)
    assert whole.images.dtype == np.uint8
    assert np.abs(whole.images - exact.images).max() <= 0.5
    assert np.abs((whole.images - exact.images).mean()) < 0.01


def test_no_deformed_rows_leave_the_split_as_it_is():
    for split in (pictures(), split_of(np.ones((3, 5)))):
        assert with_deformed(split, 0, rotation=20.0, shift=2.0, seed=0) is split


@pytest.mark.parametrize("shape", [(5,), (12,), (49,), (4, 4, 3)])
def test_only_pictures_are_taken_and_flat_rows_are_none_even_if_square(shape):
    message = rf"Only pictures can be deformed, .* shape {re.escape(str(shape))}"
    with pytest.raises(SettingError, match=message):
        with_deformed(split_of(np.ones((3, *shape))), 1, rotation=20.0, shift=0.5, seed=0)


@pytest.mark.parametrize("count", [-1, 1.0, 2.5, True, "3", None, float("nan")])
def test_impossible_counts_are_refused(count):
    with pytest.raises(SettingError, match=r"Cannot add .* deformed rows; give a whole number"):
        with_deformed(pictures(), count, rotation=20.0, shift=2.0, seed=0)


def test_more_rows_than_can_be_numbered_are_refused_at_once():
    with pytest.raises(SettingError, match="fewer than 2,147,483,648"):
        with_deformed(pictures(), 2**31 - 6, rotation=20.0, shift=2.0, seed=0)


WRONG = [-1, -0.5, float("nan"), float("inf"), -float("inf"), True, "10", None, 1j]


@pytest.mark.parametrize("count", [0, 2])
@pytest.mark.parametrize("wrong", [*WRONG, 180.5])
def test_impossible_rotations_and_shifts_are_refused(wrong, count):
    with pytest.raises(SettingError, match="degrees from 0 to 180"):
        with_deformed(pictures(), count, rotation=wrong, shift=2.0, seed=0)
    if wrong != 180.5:
        with pytest.raises(SettingError, match="number of pixels from 0"):
            with_deformed(pictures(), count, rotation=20.0, shift=wrong, seed=0)


@pytest.mark.parametrize("shift", [8, 8.0, 1e300])
def test_no_picture_is_moved_out_of_sight(shift):
    with pytest.raises(SettingError, match=r"pictures of 9 by 8 pixels out of sight; .* than 8"):
        with_deformed(pictures(), 2, rotation=20.0, shift=shift, seed=0)


def test_numbers_of_numpys_own_will_do():
    numbers = np.uint8(3), np.float32(20.0), np.float32(2.0)
    made = with_deformed(pictures(), *numbers, seed=0)
    wanted = with_deformed(pictures(), 3, 20.0, 2.0, seed=0)
    assert np.array_equal(made.images, wanted.images)
