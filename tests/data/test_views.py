"""Views of pictures, against SciPy and by eye."""

import msgspec
import numpy as np
import pytest
from scipy import ndimage

from clearprop.data import views as module
from clearprop.data.views import Views
from clearprop.errors import SettingError
from clearprop.maths.spread import spread

RNG = np.random.default_rng(0)
PICTURES = RNG.integers(0, 256, (5, 9, 7)).astype(np.uint8)


def scipys(picture, angle, move):
    """One view as SciPy makes it: its offset leads from the output back to the input."""
    back = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    center = (np.array(picture.shape) - 1) / 2
    offset = center - back @ (center + move)
    return ndimage.affine_transform(
        picture.astype(float), back, offset, order=1, mode="grid-constant"
    )


def test_views_are_scipys_deformations_rounded():
    found = list(Views(6, shift=1.5, rotation=20.0).of(PICTURES))
    assert (found[0] == PICTURES).all()
    for view, (turn, down, right) in zip(found[1:], 2 * np.array(spread(5)) - 1, strict=True):
        assert (view.dtype, view.shape) == (np.uint8, PICTURES.shape)
        for mine, picture in zip(view, PICTURES, strict=True):
            wanted = scipys(picture, np.radians(20.0) * turn, 1.5 * np.array([down, right]))
            assert np.abs(mine - wanted).max() <= 0.5 + 1e-9


def test_every_picture_is_looked_at_in_the_same_ways_however_many_there_are(monkeypatch):
    views = Views(5)
    whole = list(views.of(PICTURES))
    monkeypatch.setattr(module, "AT_ONCE", 2 * 9 * 7)
    for alone, together in zip(views.of(PICTURES), whole, strict=True):
        assert (alone == together).all()
    for alone, together in zip(views.of(PICTURES[3:4]), whole, strict=True):
        assert (alone[0] == together[3]).all()


def test_more_views_begin_with_the_same_ones():
    few, many = list(Views(3).of(PICTURES)), list(Views(9).of(PICTURES))
    assert all((a == b).all() for a, b in zip(few, many, strict=False))
    assert len(list(Views(1).of(PICTURES))) == 1


def test_views_without_reach_are_the_picture_again():
    assert all((v == PICTURES).all() for v in Views(4, shift=0.0, rotation=0.0).of(PICTURES))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("count", [0, 1001, 2.5, "8"]),
        ("shift", [-1.0, float("nan"), float("inf")]),
        ("rotation", [181, "5"]),
    ],
)
def test_settings_out_of_range_are_refused(name, values):
    for value in values:
        with pytest.raises(SettingError, match="give from"):
            Views(**{name: value})


def test_numbers_of_numpys_become_plain_ones():
    views = Views(np.int64(4), np.float32(0.5), np.float64(3))
    assert msgspec.json.decode(msgspec.json.encode(views), type=Views) == Views(4, 0.5, 3.0)


def test_only_pictures_have_views_and_not_beyond_their_sides():
    assert Views(2, shift=6.9).fault((9, 7)) == ""
    assert "out of sight; give less than 7" in Views(2, shift=7).fault((9, 7))
    assert "only pictures" in Views(2).fault((784,))
