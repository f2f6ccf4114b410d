"""The `where` that does not branch, against NumPy's own."""

import numpy as np
import pytest

from clearprop.engines.gates import GATED, where

RNG = np.random.default_rng(0)
STRANGE = [0.0, -0.0, 1.0, -1.0, 1e-45, 3e38, np.inf, -np.inf, np.nan, -np.nan]


def floats(dtype: str) -> np.ndarray:
    ordinary = RNG.standard_normal(54)
    return RNG.permuted(np.concatenate([ordinary, STRANGE])).reshape(8, 8).astype(dtype)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_it_gives_the_bits_that_numpy_gives(dtype):
    gate, one, two = RNG.random((8, 8)) < 0.5, floats(dtype), floats(dtype)
    for chosen, other in (
        (one, two),
        (one, 0.0),
        (one, 2.5),
        (1.0, two),
        (0.0, two),
        (np.inf, one),
    ):
        made, expected = where(gate, chosen, other), np.where(gate, chosen, other)
        assert made.dtype == dtype
        assert made.tobytes() == expected.astype(dtype).tobytes()


def test_its_arguments_stay_as_they_were():
    gate, chosen = RNG.random((8, 8)) < 0.5, floats("float32")
    chosen.setflags(write=False)
    before = chosen.tobytes()
    where(gate, chosen, chosen)[...] = 7.0
    assert chosen.tobytes() == before


def test_slices_and_transposes_are_read_in_their_own_order():
    gate, chosen = RNG.random((8, 8)) < 0.5, floats("float64")
    for cut in (np.s_[:, ::2], np.s_[::-1]):
        made, expected = where(gate[cut], chosen[cut], 0.0), np.where(gate[cut], chosen[cut], 0.0)
        assert made.tobytes() == expected.tobytes()
    assert np.array_equal(where(gate.T, chosen, 0.0), np.where(gate.T, chosen, 0.0), equal_nan=True)


def test_what_it_cannot_blend_goes_to_numpy():
    index = np.array([3, -1, 2], np.int32)
    assert where(index >= 0, index, 0).tolist() == [3, 0, 2]
    assert where(index >= 0, index.astype(np.float32), 0).tolist() == [3, 0, 2]
    assert where(index >= 0, index.astype(np.float32), index).tolist() == index.tolist()
    spread = where(np.array([[True], [False]]), np.array([1.0, 2.0]), 0.0)
    assert spread.tolist() == [[1.0, 2.0], [0.0, 0.0]]


def test_sums_and_maxima_are_numpys():
    a = np.random.default_rng(1).normal(size=(5, 7)).astype(np.float32)
    for words in ({}, {"axis": 0}, {"axis": -1, "keepdims": True}):
        assert np.array_equal(GATED.sum(a, **words), np.sum(a, **words))
        assert np.array_equal(GATED.max(a, **words), np.max(a, **words))


def test_the_namespace_is_numpy_in_all_else():
    assert GATED.where is where
    assert GATED.exp is np.exp
