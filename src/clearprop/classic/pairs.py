"""Rows as pairs (x, y): what `load_data_wrapper` returns and `fit` accepts."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, overload

import numpy as np

from clearprop.data import Split, datasets, from_arrays
from clearprop.errors import DataError
from clearprop.inputs import Inputs, Preparation

# Nielsen's split of MNIST's training rows, in their published order.
TRAINING_ROWS = 50_000


class Pairs(Sequence):
    """Pictures and labels as a sequence of pairs (x, y), each made on access.

    `pairs[0]` is one pair; `pairs[:100]` are the first hundred, sharing memory with the rest.
    The order is fixed: `fit` shuffles the rows every epoch, and
    `random.sample(pairs, len(pairs))` returns a shuffled list.

    Args:
        rows: pictures of uint8 pixels, and their labels.
        one_hot: whether y is a one-hot column (classes, 1) or the label itself.
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
        """Return a pair, with x (pixels, 1) float32 from 0 to 1; or the `Pairs` of a slice."""
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
        # Not through __init__: a slice may be empty, but a Split may not.
        made = object.__new__(Pairs)
        made.images, made.labels = self.images[rows], self.labels[rows]
        made.classes, made.reading, made.one_hot = self.classes, self.reading, self.one_hot
        return made

    def __setitem__(self, index: Any, pair: Any) -> None:
        # random.shuffle calls this; the default message would not help.
        raise TypeError(
            "pairs cannot be assigned to or shuffled in place: fit shuffles the rows every "
            "epoch; for a shuffled list use random.sample(pairs, len(pairs))"
        )

    def __repr__(self) -> str:
        return f"<{len(self):,} pairs (x, y)>"


def load_data_wrapper() -> tuple[Pairs, Pairs]:
    """Return MNIST as 50,000 training and 10,000 validation pairs, without the test rows.

    Returns:
        Training pairs with x (784, 1) and y one-hot (10, 1), and validation pairs with the
        digit as y.

    Raises:
        DatasetUnavailableError: MNIST is not cached and cannot be downloaded.
    """
    rows = datasets.load("mnist").train
    return Pairs(rows, one_hot=True)[:TRAINING_ROWS], Pairs(rows, one_hot=False)[TRAINING_ROWS:]


def split_of(data: Any, name: str, classes: tuple[str, ...], inputs: Inputs) -> Split:
    """Return pairs as a split.

    Args:
        data: `Pairs`, or a list of pairs (x, y) with y one-hot or an integer.
        name: the argument's name, for messages.
        classes: the names of the network's outputs.
        inputs: the model's inputs.

    Raises:
        DataError: data is of another type, has no rows, or has rows that differ in kind or size.
    """
    if isinstance(data, Pairs | list | tuple) and not len(data):
        raise DataError(f"{name} has no rows; give at least one pair (x, y)")
    if isinstance(data, Pairs):
        return Split(data.images, data.labels, data.classes, data.reading)
    if not isinstance(data, list | tuple):
        raise DataError(
            f"{name} is of type {type(data).__name__}; give a list of pairs (x, y), "
            "from load_data_wrapper or list(zip(inputs, labels))"
        )
    for i, pair in enumerate(data):
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            raise DataError(f"{name}[{i}] is not a pair (x, y) but of type {type(pair).__name__}")
    rows = [row_of(x) for x, _ in data]
    _check_one_kind(rows, name)
    x = as_learned(_stacked(rows, f"inputs of {name}"), inputs)
    y = _stacked([np.asarray(y).reshape(-1) for _, y in data], f"labels of {name}")
    return from_arrays(x, y, classes)


def row_of(x: Any) -> np.ndarray:
    """Return one input of any shape as (features,), uint8 or float32."""
    try:
        row = np.asarray(x).reshape(-1)
        if row.dtype.kind not in "biufO":
            raise TypeError(row.dtype)
        return row if row.dtype == np.uint8 else row.astype(np.float32)
    except (TypeError, ValueError) as error:
        raise DataError(
            "an input is not an array of numbers; give x, the first half of a pair, such as "
            "val_data[0][0]"
        ) from error


def as_learned(x: np.ndarray, inputs: Inputs) -> np.ndarray:
    """Return inputs in the form that the model was trained on.

    Floats are pixels/255. A model that standardizes or redraws pictures needs the pixels.

    Args:
        x: uint8 pixels, or floats, of any shape.
        inputs: the model's inputs.

    Raises:
        DataError: floats below 0 or above 1 where pixels are needed.
    """
    takes_floats = inputs.trained_on_floats or inputs.preparation == Preparation()
    if x.dtype == np.uint8 or (takes_floats and not inputs.pictures):
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
            f"those before it {words[first]}: only pixels are scaled, so give "
            "all rows as uint8, or all as floats"
        )


def _stacked(rows: list[np.ndarray], what: str) -> np.ndarray:
    smallest, largest = min(map(len, rows)), max(map(len, rows))
    if smallest != largest:
        raise DataError(
            f"the {what} hold {smallest} to {largest} numbers; they must have the same size"
        )
    return np.stack(rows)
