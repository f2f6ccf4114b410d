"""What a caller hands over is copied once at most, whatever it is.

Bytes are counted, by tracemalloc, which NumPy tells of its arrays; no time is measured.
"""

import tracemalloc

import numpy as np
import pytest

from clearprop import MLP
from clearprop.errors import DataError
from clearprop.inputs import Inputs, Range
from clearprop.training.input_array import input_array

ROWS, FEATURES = 24_000, 64
X = np.random.default_rng(0).normal(size=(ROWS, FEATURES))
Y = np.arange(ROWS) % 3
PIXELS = (np.abs(X) * 50.0 % 256.0).astype(np.uint8)


class Table:
    """A table as those of pandas: columns of several types, rows by their places in `iloc`."""

    def __init__(self, *columns):
        self.columns = columns

    def __len__(self):
        return len(self.columns[0])

    @property
    def iloc(self):
        return self

    def __getitem__(self, rows):
        return Table(*(column[rows] for column in self.columns))

    def __array__(self, dtype=None, copy=None):
        return np.stack(self.columns, axis=1).astype(dtype or np.float64)


# Made when they are needed: lists of so many numbers are large.
KINDS = {
    "float64": lambda: X,
    "columns first": lambda: np.asfortranarray(X),
    "columns first, float32": lambda: np.asfortranarray(X.astype(np.float32)),
    "every other column": lambda: np.repeat(X, 2, axis=1)[:, ::2],
    "rows in reverse": lambda: X[::-1],
    "pictures, columns first": lambda: np.asfortranarray(X.reshape(ROWS, 8, 8)),
    "another byte order": lambda: X.astype(">f8"),
    "half precision": lambda: X.astype(np.float16),
    "lists": lambda: X.tolist(),
    "a list of rows": lambda: list(X),
    "lists of pixels": lambda: PIXELS.tolist(),
    "whole numbers": lambda: PIXELS.astype(np.int64),
    "a table": lambda: Table(*X.T[:-1], X.T[-1].astype(np.float32)),
}
SINGLE = ROWS * FEATURES * np.dtype(np.float32).itemsize
NEW = Inputs((2,))
OF_FLOATS = Inputs((2,), range=Range("floats", -1.0, 1.0, 0.0, 0.5))


def peak(call):
    """Return how much memory a call took at its highest, in copies of the rows in float32."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1] / SINGLE
    finally:
        tracemalloc.stop()


@pytest.fixture
def network(unchecked_shapes):
    """Return a network that has learned, so that all that it uses is imported."""
    model = MLP([FEATURES, 4, 3])
    model.fit(PIXELS[:6], Y[:6], epochs=1)
    return model


@pytest.mark.parametrize("kind", KINDS)
def test_a_fit_copies_the_rows_no_more_than_once(network, kind):
    x = KINDS[kind]()
    assert peak(lambda: network.fit(x, Y, steps=1)) < 1.15


def test_a_fit_copies_no_rows_that_are_right_already(network):
    for x in (X.astype(np.float32), PIXELS):
        assert peak(lambda x=x: network.fit(x, Y, steps=1)) < 0.15


@pytest.mark.parametrize("kind", KINDS)
def test_a_prediction_copies_the_rows_no_more_than_once(network, kind):
    x = KINDS[kind]()
    # Floats that are not contiguous are copied as they are, in double precision.
    once = 2.0 if isinstance(x, np.ndarray) and x.ndim == 3 else 1.0
    assert peak(lambda: network.predict(x)) < once + 0.15


def test_a_prediction_copies_no_arrays_of_rows(network):
    for x in (X, X.astype(np.float32), np.asfortranarray(X), X[::-1], PIXELS):
        assert peak(lambda x=x: network.predict(x)) < 0.15


def test_whole_numbers_become_pixels_and_nothing_larger(network):
    for kind in ("whole numbers", "lists of pixels"):
        x = KINDS[kind]()
        # The pixels are a quarter of a copy in single precision.
        assert peak(lambda x=x: network.fit(x, Y, steps=1)) < 0.4


def test_the_measure_above_sees_a_copy():
    assert 2.0 <= peak(X.copy) < 2.1


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("kind", ["lists", "a list of rows", "lists of pixels", "a table"])
def test_rows_that_are_taken_in_parts_are_those_that_numpy_makes(kind, dtype):
    made, whole = input_array(KINDS[kind](), NEW, dtype), np.asarray(KINDS[kind]())
    assert made.dtype == (dtype if whole.dtype.kind == "f" else np.uint8)
    assert (made == whole.astype(made.dtype)).all()


@pytest.mark.parametrize("first", [[3, 200], [3, -1], [3, 2**40], [True, False]])
def test_whole_numbers_before_floats_are_floats(first):
    rows = [first] * 600 + [[0.5, 0.25]]
    made = input_array(rows, NEW, "float64")
    assert made.dtype == np.float64
    assert (made == np.asarray(rows)).all()


def test_whole_numbers_that_are_no_pixels_stay_what_they_are():
    rows = [[1, 2]] * 600 + [[3, 300]]
    assert input_array(rows, NEW, "float32").dtype == np.int64
    with pytest.raises(DataError, match="Row 600, column 1 of the images is 300"):
        MLP([2, 3]).fit(rows, [0, 1, 2] * 200 + [0])


def test_after_floats_lists_of_whole_numbers_are_refused_however_small():
    with pytest.raises(DataError, match="the network learned from floats"):
        input_array([[1, 2]] * 600, OF_FLOATS, "float32")


def test_rows_of_another_length_are_found_in_every_part():
    for place in (0, 1, 300, 599):
        rows = [[0.5, 1.0]] * 600
        rows[place] = [0.5]
        with pytest.raises(DataError, match="do not all have the same shape"):
            input_array(rows, NEW, "float32")
    with pytest.raises(DataError, match="from row 512 on"):
        input_array([[0.5, 1.0]] * 512 + [[0.5]] * 88, NEW, "float32")


def test_what_is_too_large_for_single_precision_is_refused_in_a_list():
    with pytest.raises(DataError, match="Row 1, column 0 of the images is inf"):
        MLP([2, 2]).fit([[0.5, 1.0], [1e300, 2.0]], [0, 1])
