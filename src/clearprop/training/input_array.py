"""Inputs of any kind as one array, with one copy of the rows at most."""

from typing import Any

import numpy as np

from clearprop.data import Dataset, Split
from clearprop.errors import DataError
from clearprop.inputs import Inputs

# How many rows of a list or table are converted at once.
PART = 256


def input_array(x: Any, inputs: Inputs, dtype: str) -> Any:
    """Return inputs as one array, copied only if no engine can take them; a split as it is.

    Args:
        x: inputs of any kind.
        inputs: the network's.
        dtype: of the floats in a copy.

    Raises:
        DataError: rows of several shapes; or whole numbers for a network that learned from floats.
            Whole numbers become pixels, and pixels are scaled: right for uint8, but a surprise for
            a table of counts.
    """
    if x is None or isinstance(x, str | Split | Dataset):
        return x
    try:
        array = _copied(x, not inputs.trained_on_floats, dtype) if _in_rows(x) else np.asarray(x)
    except ValueError as error:
        raise ragged("images", error) from error
    if array.dtype.kind == "f" and not array.dtype.isnative:
        with np.errstate(over="ignore"):  # the fit finds an infinite input by its loss
            array = array.astype(dtype)
    if inputs.trained_on_floats and array.dtype.kind in "iu" and array.dtype != np.uint8:
        raise DataError(
            f"the network learned from floats, but these rows are {array.dtype}, which would be "
            "taken for pixels and scaled: give them as floats"
        )
    return array


def _in_rows(x: Any) -> bool:
    # pandas' frames are recognized by `iloc`.
    return isinstance(x, list | tuple) or hasattr(x, "iloc")


def _copied(x: Any, pixels: bool, dtype: str) -> np.ndarray:
    """Return a list or table as an array, converted in parts so that it is copied only once."""
    rows, made = getattr(x, "iloc", x), None
    for first in range(0, len(x), PART):
        part = np.asarray(rows[first : first + PART])
        if part.dtype.kind not in "biuf":
            return np.asarray(x)
        kind = np.uint8 if pixels and _are_pixels(part) else part.dtype
        kind = np.result_type(kind if made is None else made, kind)
        kind = np.dtype(dtype) if kind.kind == "f" else kind
        made = np.empty((len(x), *part.shape[1:]), kind) if made is None else made
        if part.shape[1:] != made.shape[1:]:
            raise ValueError(f"{made.shape[1:]}, from row {first} on {part.shape[1:]}")
        made = made.astype(kind, copy=False)
        with np.errstate(over="ignore"):  # what is too large becomes inf, and is refused
            made[first : first + PART] = part
    return np.asarray(x) if made is None else made


def _are_pixels(part: np.ndarray) -> bool:
    return part.dtype.kind in "iu" and part.size > 0 and 0 <= part.min() <= part.max() <= 255


def ragged(what: str, error: ValueError) -> DataError:
    """Return the error about rows of several shapes."""
    return DataError(f"the {what} do not all have the same shape ({error})")
