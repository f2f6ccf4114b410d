"""The steps of pictures: their words, their bounds, and what they do to rows."""

import re

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from clearprop.errors import DataError, SettingError
from clearprop.inputs import pictures as module
from clearprop.inputs.pictures import Center, Deslant, Pictures, Width, build_pictures, redrawn
from clearprop.maths import normal_forms

RNG = np.random.default_rng(0)
IMAGES = (RNG.integers(0, 256, (20, 8, 8)) * (RNG.random((20, 8, 8)) < 0.4)).astype(np.uint8)
WORDS = ["deslant", {"name": "width", "pixels": 5}, "center"]
ALL = build_pictures(WORDS)


def test_words_become_steps_in_their_order():
    assert (Deslant(), Width(5), Center()) == ALL
    assert build_pictures(None) == build_pictures([]) == ()
    assert build_pictures("center") == build_pictures({"name": "center"}) == (Center(),)
    assert build_pictures(ALL) == ALL
    assert build_pictures([{"name": "width", "pixels": np.int64(5)}]) == (Width(5),)
    assert [str(step) for step in ALL] == ["deslant", "width 5", "center"]


def test_they_are_read_back_from_json():
    text = msgspec.json.encode(ALL)
    assert text == b'[{"name":"deslant"},{"name":"width","pixels":5},{"name":"center"}]'
    assert msgspec.json.decode(text, type=Pictures) == ALL


WRONG = {
    "['delsant']": "unknown step of pictures 'delsant': did you mean 'deslant'? known are",
    "['centre']": "did you mean 'center'",
    "[{'name': 'width', 'pixel': 3}]": "unknown setting of width 'pixel': did you mean 'pixels'",
    "[{'name': 'center', 'pixels': 3}]": "unknown setting of center",
    "['width']": 'width needs its pixels, as {"name": "width", "pixels": 16}',
    "[{'name': 'width', 'pixels': 0}]": "width: pixels: expected int >= 1",
    "[{'name': 'width', 'pixels': 2.5}]": "width: pixels: expected int, got float",
    "[{'name': 'width', 'pixels': True}]": "width: pixels: expected int, got bool",
    "[{'pixels': 3}]": "a step of pictures lacks its name; give one of center, deslant, width",
    "[{'name': ['width']}]": "unknown step of pictures",
    "[3]": "3 is not a step of pictures; give a name, or a table",
    "3": "pictures is 3; give a list of steps: center, deslant, width",
    "['center'] * 9": "pictures has 9 steps; give at most 8",
}


@pytest.mark.parametrize("words", WRONG)
def test_words_that_do_not_fit_are_refused_by_name(words):
    with pytest.raises(SettingError, match=re.escape(WRONG[words])):
        build_pictures(eval(words))


def test_each_step_is_its_equation_rounded():
    found = redrawn(IMAGES, ALL)
    wanted = np.rint(normal_forms.upright(np, IMAGES)).astype(np.uint8)
    wanted = np.rint(normal_forms.of_width(np, wanted, 5)).astype(np.uint8)
    wanted = np.rint(normal_forms.centered(np, wanted)).astype(np.uint8)
    assert found.dtype == np.uint8
    assert np.array_equal(found, wanted)
    assert not np.array_equal(found, IMAGES)


def test_without_a_step_rows_come_back_as_they_are():
    floats = np.zeros((3, 5))
    assert redrawn(floats, ()) is floats


def test_some_at_a_time_are_the_same_as_all(monkeypatch):
    wanted = redrawn(IMAGES, ALL)
    monkeypatch.setattr(module, "PIXELS_AT_ONCE", 3 * 64)
    assert np.array_equal(redrawn(IMAGES, ALL), wanted)
    monkeypatch.setattr(module, "PIXELS_AT_ONCE", 1)
    assert np.array_equal(redrawn(IMAGES, ALL), wanted)


def test_rows_of_features_are_pictures_of_the_sides_that_are_known():
    square = redrawn(IMAGES.reshape(20, 64), ALL, shape=(8, 8))
    assert np.array_equal(square, redrawn(IMAGES, ALL).reshape(20, 64))
    oblong = IMAGES.reshape(20, 4, 16)
    wanted = redrawn(oblong, ALL)
    found = redrawn(IMAGES.reshape(20, 64), ALL, shape=(4, 16))
    assert np.array_equal(found.reshape(20, 4, 16), wanted)
    assert not np.array_equal(found, square)


NO_PICTURES = {
    "floats": (IMAGES / 255.0, (), "takes pixels of uint8, and these rows are float64"),
    "unknown sides": (IMAGES.reshape(20, 64), (), "rows of shape (64,) are no pictures"),
    "colors": (IMAGES.reshape(20, 4, 4, 4), (), "rows of shape (4, 4, 4) are no pictures"),
    "other sides": (IMAGES, (4, 16), "pictures of 8 by 8 are given to a network that redraws"),
}


@pytest.mark.parametrize("case", NO_PICTURES)
def test_rows_that_are_no_pictures_are_refused(case):
    images, shape, said = NO_PICTURES[case]
    with pytest.raises(DataError, match=re.escape(said)) as told:
        redrawn(images, ALL, shape)
    assert "deslant, width 5, center" in str(told.value)


def test_a_width_beyond_the_field_is_refused():
    with pytest.raises(SettingError, match="pictures of 8 columns cannot hold ink of width 9"):
        redrawn(IMAGES, build_pictures([{"name": "width", "pixels": 9}]))
    assert redrawn(IMAGES, build_pictures([{"name": "width", "pixels": 8}])).any()


@given(arrays.arrays(np.uint8, arrays.array_shapes(min_dims=3, max_dims=3, max_side=9)), st.data())
def test_whatever_the_pictures_shape_and_type_stay_and_blank_stays_blank(images, data):
    width = {"name": "width", "pixels": data.draw(st.integers(1, images.shape[2]))}
    words = data.draw(st.permutations(["deslant", width, "center"]))
    images[0] = 0
    images.flags.writeable = False
    made = redrawn(images, build_pictures(words))
    assert (made.shape, made.dtype) == (images.shape, np.uint8)
    assert not made[0].any()
