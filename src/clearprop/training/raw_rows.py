"""Rows of any kind as arrays, not yet checked against a network."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clearprop.data import Dataset, Split
from clearprop.data.arrays import as_array, as_images
from clearprop.data.checks import check_counts
from clearprop.errors import DataError
from clearprop.inputs import Inputs, Reading
from clearprop.training.input_array import input_array, ragged
from clearprop.training.weights import checked_weight


class RawRows(NamedTuple):
    """Rows before they are checked against a network.

    Attributes:
        images: inputs (n, ...), bytes or floats.
        y: targets, (n,) or (n, columns), numbers or texts.
        names: the classes that y numbers, or its columns, if they have names.
        task: the task, if the rows have one; else "".
        reading: how a picture file becomes such a row, if known.
        weight: of each row, float64 (n,); None where all weigh the same.
    """

    images: np.ndarray
    y: np.ndarray
    names: tuple[str, ...] | None = None
    task: str = ""
    reading: Reading | None = None
    weight: np.ndarray | None = None

    def of(self, chosen: np.ndarray) -> RawRows:
        """Return the chosen rows."""
        weight = None if self.weight is None else self.weight[chosen]
        return self._replace(images=self.images[chosen], y=self.y[chosen], weight=weight)


def raw_rows(x: Any, y: Any, inputs: Inputs, dtype: str, weight: Any = None) -> RawRows:
    """Return rows of any kind as arrays.

    Args:
        x: a split, or inputs (n, features) or (n, height, width), as arrays, lists or tables.
        y: targets (n,) or (n, columns); None with a split.
        inputs: the network's, whose range says what whole numbers are.
        dtype: of the floats that lists and tables become.
        weight: of each row.

    Raises:
        DataError: rows that do not fit each other, or something that is not rows.
    """
    if x is None or isinstance(x, str):
        raise DataError(
            f"the rows are {x!r}; load them first, as datasets.load('photos/').train (the test "
            "rows of a file that has none are None)"
        )
    if isinstance(x, Dataset):
        raise DataError(f"{x.name} is a whole data set; give its rows: .train or .test")
    if isinstance(x, Split) and y is not None:
        raise DataError("a split has its labels with it; give the split alone, or x and y")
    if isinstance(x, Split):
        made = RawRows(x.images, x.labels, x.classes, x.task, x.reading)
        return made._replace(weight=checked_weight(weight, len(x)))
    if y is None:
        raise DataError("labels are missing; give x and y, or a split as datasets.load makes it")
    images, targets = as_images(input_array(x, inputs, dtype)), _targets(y)
    check_counts(images, targets)
    return RawRows(images, targets, weight=checked_weight(weight, len(images)))


def pair(data: Any) -> tuple[Any, Any, Any]:
    """Return validation data as inputs, targets and weights.

    Raises:
        DataError: it is not a split, a pair or a triple.
    """
    if isinstance(data, Split | Dataset):
        return data, None, None
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise DataError(
            "validation_data is a split, a pair (x, y), or a triple (x, y, weights); hold_out "
            "makes a split"
        )
    return data[0], data[1], data[2] if len(data) == 3 else None


def _targets(y: Any) -> np.ndarray:
    try:
        return as_array(np.asarray(y), "labels")
    except ValueError as error:
        if isinstance(error, DataError):
            raise
        raise ragged("labels", error) from error
