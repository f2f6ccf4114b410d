"""Rows that lie elsewhere than those that were learned from are refused, or at least told."""

import warnings

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from clearprop import MLP, load
from clearprop.errors import DataError, RangeWarning
from clearprop.inputs import Inputs, Preparation, Range

pytestmark = pytest.mark.usefixtures("unchecked_shapes")

RNG = np.random.default_rng(0)
BYTES = RNG.integers(0, 256, (200, 16)).astype(np.uint8)
Y = np.arange(200) % 2


def learned(x, **words) -> MLP:
    """Return a network that has met rows."""
    model = MLP([16, 2], **words)
    model.fit(x, Y, epochs=1)
    return model


SHIFTED = BYTES / 127.5 - 1.0
WRONG = {
    "bytes for floats from -1 to 1": (SHIFTED, BYTES, r"floats from -1 to 1, .* are bytes"),
    "bytes for floats from 0 to 255": (BYTES * 1.0, BYTES, r"floats from 0 to 255"),
    "floats to 255 for bytes": (BYTES, BYTES * 1.0, r"prepared already, here from 0 to 1"),
    "whole floats in float32": (BYTES, BYTES.astype(np.float32), "give pixels from 0 to 255"),
}


@pytest.mark.parametrize("name", WRONG)
def test_rows_of_another_kind_are_refused_everywhere(name, tmp_path):
    first, other, says = WRONG[name]
    model = learned(first)
    again = load(model.save(tmp_path / "m.safetensors"))
    for wrong in (
        lambda: model.predict(other),
        lambda: again.predict_proba(other[0]),
        lambda: again.evaluate(other, Y),
        lambda: again.hidden(other),
        lambda: model.fit(other, Y, epochs=1),
        lambda: MLP([16, 2]).fit(first, Y, epochs=1, validation_data=(other, Y)),
    ):
        with pytest.raises(DataError, match=says):
            wrong()


def test_standardized_bytes_may_come_prepared_and_not_as_floats_to_255():
    model = learned(BYTES, preparation="standardize")
    ready = (BYTES - BYTES.mean()) / BYTES.std()
    assert (model.predict(ready) == model.predict(BYTES)).all()
    with pytest.raises(DataError, match="prepared already"):
        model.predict(BYTES * 1.0)


def test_bytes_may_come_to_a_network_that_learned_them_divided_by_255():
    model = learned(BYTES / 255.0)
    assert model.predict_proba(BYTES) == pytest.approx(model.predict_proba(BYTES / 255.0), rel=1e-5)


DOUBTFUL = {
    "from 0 to 255 for 0 to 1": (BYTES / 255.0, BYTES * 1.0),
    "from 0 to 1 for 0 to 255": (BYTES * 1.0, BYTES / 255.0),
    "thousands for units": (SHIFTED, 1000.0 * SHIFTED),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_floats_that_are_likely_scaled_otherwise_are_reported_and_taken(name):
    first, other = DOUBTFUL[name]
    model = learned(first)
    with pytest.warns(RangeWarning, match=r"learned from numbers from .*: are they scaled alike\?"):
        assert model.predict(other).shape == (200,)
    with pytest.warns(RangeWarning):
        model.evaluate(other, Y)


USUAL = {
    "an outlier": (SHIFTED, np.append(SHIFTED[0, :-1], 8.0)),
    "a single small row": (BYTES * 1.0, BYTES[0] / 255.0),
    "some noise": (BYTES, BYTES / 255.0 + RNG.normal(size=BYTES.shape)),
    "a part of the range": (SHIFTED, 0.2 * SHIFTED),
    "blank pictures": (BYTES, np.zeros((50, 16), np.uint8)),
    "one value in all": (np.where(Y[:, None], 1.0, 0.0) * np.ones((200, 16)), np.ones((3, 16))),
}


@pytest.mark.parametrize("name", USUAL)
def test_what_may_well_happen_is_taken_without_a_word(name):
    first, other = USUAL[name]
    model = learned(first)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.predict(other)


@pytest.mark.parametrize("x", [BYTES, SHIFTED, SHIFTED.astype(np.float32)])
def test_the_range_is_that_of_the_rows(x):
    found = learned(x).inputs.range
    assert found.kind == ("bytes" if x.dtype == np.uint8 else "floats")
    assert (found.least, found.most) == (x.min(), x.max())
    assert (found.mean, found.deviation) == pytest.approx((x.mean(), x.std()), rel=1e-6)


@given(arrays.arrays(np.float64, (5, 3), elements=st.floats(-1e300, 1e300)))
def test_a_range_is_finite_and_survives_json(x):
    made = Range.of(x)
    assert msgspec.json.decode(msgspec.json.encode(made), type=Range) == made
    assert made.least <= made.most
    assert np.isfinite([made.mean, made.deviation]).all()
    assert made.fault(x, Preparation()) == made.doubt(x) == ""


def test_the_first_rows_say_it_and_later_ones_do_not_change_it():
    model = learned(SHIFTED)
    first = model.inputs.range
    model.fit(0.5 * SHIFTED, Y, epochs=1)
    assert model.inputs.range == first
    assert MLP([16, 2]).inputs.range is None


def test_before_the_first_rows_nothing_is_known_and_nothing_refused():
    inputs = Inputs((16,))
    for x in (BYTES, SHIFTED, 1e9 * SHIFTED):
        inputs.check(x)
    assert not inputs.trained_on_floats
