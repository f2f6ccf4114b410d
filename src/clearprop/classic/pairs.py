"""Rows as pairs (x, y): what `load_data_wrapper` gives, and what `fit` takes."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from clearprop.data import Split, datasets, from_arrays
from clearprop.errors import DataError
from clearprop.inputs import Inputs, Preparation

# The division of Nielsen's book: MNIST's training rows in their published order.
TRAINING_ROWS = 50_000


class Pairs(Sequence):
    """Pictures and labels as a sequence of pairs (x, y), made when they are asked for.

    `pairs[0]` is a pair, `pairs[:100]` are the first hundred, which share their memory with
    the rest. The pairs stay in their order: `fit` visits them in a new one every epoch, and
    `random.sample(pairs, len(pairs))` gives a shuffled list.

    Args:
        rows: pictures of uint8 pixels, and their labels.
        one_hot: whether y is a column (classes, 1) with a 1 in the label's place, or the
            label itself.
    """

    def __init__(self, rows: Split, one_hot: bool) -> None:
        self.images, self.labels, self.classes = rows.images, rows.labels, rows.classes
        self.reading, self.one_hot = rows.reading, one_hot

    def __len__(self) -> int:
        return len(self.labels)

    @overload
    def __getitem__(self, index: int) -> tuple[np.ndarray, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Pairs: ...
    def __getitem__(self, index: int | slice) -> Any:
        """Return a pair: x (pixels, 1) float32 from 0 to 1, and y; or, of a slice, its pairs."""
        if isinstance(index, slice):
            return self._slice(index)
        index = operator.index(index)
        x = self.images[index].reshape(-1, 1).astype(np.float32) / np.float32(255.0)
        label = int(self.labels[index])
        if not self.one_hot:
            return x, label
        y = np.zeros((len(self.classes), 1), np.float32)
        y[label] = 1.0
        return x, y

    def _slice(self, rows: slice) -> Pairs:
        # Past __init__: a slice may be empty, and a split may not.
        made = object.__new__(Pairs)
        made.images, made.labels = self.images[rows], self.labels[rows]
        made.classes, made.reading, made.one_hot = self.classes, self.reading, self.one_hot
        return made

    def __setitem__(self, index: Any, pair: Any) -> None:
        # What random.shuffle calls: the usual message would not say what to do instead.
        raise TypeError(
            "pairs cannot be assigned to or shuffled in place: fit visits them in a new order "
            "every epoch; for a shuffled list take random.sample(pairs, len(pairs))"
        )

    def __repr__(self) -> str:
        return f"<{len(self):,} pairs (x, y)>"


def load_data_wrapper() -> tuple[Pairs, Pairs]:
    """Return MNIST as 50,000 training and 10,000 validation pairs; the test rows stay away.

    Returns:
        Training pairs, x (784, 1) and y one-hot (10, 1), and validation pairs, whose y is the
        digit as an integer.

    Raises:
        DatasetUnavailableError: MNIST is neither cached nor to be had.
    """
    rows = datasets.load("mnist").train
    return Pairs(rows, one_hot=True)[:TRAINING_ROWS], Pairs(rows, one_hot=False)[TRAINING_ROWS:]


def split_of(
    data: Any,
    name: str,
    classes: tuple[str, ...],
    inputs: Inputs,
) -> Split:
    """Return pairs as a split.

    Args:
        data: `Pairs`, whose pixels are taken as they are, or a list of pairs (x, y) with y
            one-hot or an integer.
        name: the argument that it was given for.
        classes: the names of the network's outputs.
        inputs: of the model.

    Raises:
        DataError: something else, no rows, or rows that do not fit each other.
    """
    if isinstance(data, Pairs | list | tuple) and not len(data):
        raise DataError(f"{name} has no rows; give at least one pair (x, y)")
    if isinstance(data, Pairs):
        return Split(data.images, data.labels, data.classes, data.reading)
    if not isinstance(data, list | tuple):
        raise DataError(
            f"{name} is of type {type(data).__name__}; give a list of pairs (x, y), as "
            "load_data_wrapper or list(zip(inputs, labels)) makes it"
        )
    for i, pair in enumerate(data):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise DataError(f"{name}[{i}] is no pair (x, y) but of type {type(pair).__name__}")
    rows = [row_of(x) for x, _ in data]
    _check_one_kind(rows, name)
    x = as_learned(_stacked(rows, f"inputs of {name}"), inputs)
    y = _stacked([np.asarray(y).reshape(-1) for _, y in data], f"labels of {name}")
    return from_arrays(x, y, classes)


def row_of(x: Any) -> np.ndarray:
    """Return one input of any shape as (features,): uint8 pixels, or floats as they are."""
    try:
        row = np.asarray(x).reshape(-1)
        if row.dtype.kind not in "biufO":
            raise TypeError(row.dtype)
        return row if row.dtype == np.uint8 else row.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise DataError(
            "an input is no array of numbers as pixels are; give x, the first half of a pair, as "
            "val_data[0][0]"
        ) from error


def as_learned(x: np.ndarray, inputs: Inputs) -> np.ndarray:
    """Return inputs of a model as it learned from them.

    Floats are pixels/255, as the unit preparation makes them; a model with another one, or that
    redraws pictures, gets the pixels back, and prepares them itself.

    Args:
        x: uint8 pixels, or floats, of any shape.
        inputs: of the model.

    Raises:
        DataError: floats below 0 or above 1, which are no pixels/255.
    """
    as_they_are = inputs.learned_floats or inputs.preparation == Preparation()
    if x.dtype == np.uint8 or (as_they_are and not inputs.pictures):
        return x
    wrong = ~((x >= 0.0) & (x <= 1.0))
    if wrong.any():
        raise DataError(
            f"an input holds {x[wrong][0]:g}, but this model "
            f"{'redraws pictures' if inputs.pictures else 'standardizes pixels'}: give "
            "uint8 pixels, or floats from 0 to 1 (pixels/255)"
        )
    return np.rint(x * 255.0).astype(np.uint8)


def _check_one_kind(rows: list[np.ndarray], name: str) -> None:
    words = {True: "uint8 pixels", False: "other numbers"}
    first, *rest = [row.dtype == np.uint8 for row in rows]
    if (not first) in rest:
        raise DataError(
            f"the input of {name}[{rest.index(not first) + 1}] holds {words[not first]}, but "
            f"those before it {words[first]}: pixels are scaled and other numbers are not, so "
            "give all rows as uint8, or all as floats"
        )


def _stacked(rows: list[np.ndarray], what: str) -> np.ndarray:
    smallest, largest = min(map(len, rows)), max(map(len, rows))
    if smallest != largest:
        raise DataError(f"the {what} hold {smallest} to {largest} numbers; they must be alike")
    return np.stack(rows)
