"""Rows for an engine, checked against the network."""

import math
from typing import Any

import numpy as np

from clearprop.data import Split
from clearprop.data.arrays import as_images
from clearprop.errors import DataError
from clearprop.inputs import Inputs, prepare
from clearprop.network import Network, Rows
from clearprop.network.deformation import Plan
from clearprop.tasks import Targets
from clearprop.training.input_array import input_array
from clearprop.training.raw_rows import RawRows, raw_rows


def rows_of(
    network: Network,
    inputs: Inputs,
    targets: Targets,
    rows: RawRows | Split,
) -> Rows:
    """Return rows as an engine takes them, redrawn and checked against a network.

    Args:
        network: the network.
        inputs: its inputs; rows outside their range are refused or warned about.
        targets: what its outputs stand for.
        rows: a split, or rows of any kind.

    Raises:
        DataError: rows that do not fit the network.
    """
    one = raw_rows(rows, None, inputs, "float64") if isinstance(rows, Split) else rows
    check_features(one.images, network)
    y = network.task_type.read(one.y, one.names, targets, network.outputs).y
    return Rows(flat(redrawn_inputs(inputs, one.images)), y, one.weight)


def contiguous(images: np.ndarray, dtype: str) -> np.ndarray:
    """Return rows that are used many times as (n, features), with at most one copy."""
    with np.errstate(over="ignore"):  # the fit finds an infinite input by its loss
        return flat(np.ascontiguousarray(images, None if images.dtype == np.uint8 else dtype))


def inputs_of(x: Any, network: Network, inputs: Inputs, dtype: str) -> np.ndarray:
    """Return inputs as (n, features), redrawn; a single input gets its first axis.

    Args:
        x: a split, or inputs of any kind, with or without their first axis.
        network: says how many features there must be.
        inputs: how they are redrawn, and their range.
        dtype: of the floats that lists and tables become.

    Raises:
        DataError: inputs that do not fit, or lie outside the range that was learned from.
    """
    images = as_images(x.images if isinstance(x, Split) else input_array(x, inputs, dtype))
    if images.shape in (inputs.shape, (network.features,)):
        images = images[None]
    check_features(images, network)
    return flat(redrawn_inputs(inputs, images))


def redrawn_inputs(inputs: Inputs, images: np.ndarray) -> np.ndarray:
    """Return inputs redrawn.

    Raises:
        DataError: they cannot be of the kind that the network learned from.
    """
    made = inputs.redrawn(images)
    inputs.check(images)
    return made


def prepared(inputs: Inputs, x: np.ndarray, dtype: str) -> np.ndarray:
    """Return rows (n, features), as `inputs_of` returns them, as numbers."""
    return prepare(np, x, inputs.preparation, np.dtype(dtype))


def flat(images: np.ndarray) -> np.ndarray:
    """Return images as (n, features)."""
    return images.reshape(len(images), -1)


def check_features(images: np.ndarray, network: Network) -> None:
    """Raise DataError where the rows are not as wide as the network's input."""
    features = math.prod(images.shape[1:]) if images.ndim > 1 and len(images) else 0
    if features != network.features:
        raise DataError(
            f"inputs of shape {images.shape} have {features} features a row, but the network "
            f"takes {network.features}"
        )
    own = images.shape[1:]
    if len(network.input_shape) > 1 and own not in ((features,), network.input_shape):
        raise DataError(
            f"rows of shape {own} are given to a network of inputs {network.input_shape}; give "
            "rows of that shape, or flat ones"
        )


def check_deformable(images: np.ndarray, plan: Plan | None) -> None:
    """Raise DataError if rows to be deformed are not pictures of the plan's height and width."""
    if plan is None:
        return
    if images.dtype != np.uint8:
        raise DataError(
            f"deformation is for pictures of uint8, and these rows are {images.dtype}: give pixels "
            "from 0 to 255 as uint8"
        )
    if not plan.sides:
        raise DataError(
            f"deformation is for pictures, and rows of shape {images.shape[1:]} do not say how "
            "high and wide theirs are; give images of (rows, height, width), or sides = [28, 28]"
        )
    if images.ndim > 2 and images.shape[1:] != plan.sides:
        raise DataError(
            f"the pictures are {images.shape[1]} by {images.shape[2]}, but deformation takes them "
            f"as {plan.sides[0]} by {plan.sides[1]}: give it sides = {list(images.shape[1:])}"
        )


def check_varied(rows: RawRows) -> None:
    """Raise DataError where all targets are alike: there is nothing to learn."""
    y = rows.y
    if len(y) == 1:
        raise DataError("one row is too few to learn from; give two at least, with other targets")
    if (y == y[0]).all():
        one = y[0].tolist() if y.ndim > 1 else y[0]
        if rows.names is not None and y.ndim == 1:
            one = rows.names[int(y[0])]
        raise DataError(
            f"all {len(y):,} rows have the target {one}: there is nothing to tell apart; give rows "
            "with two different ones at least"
        )
