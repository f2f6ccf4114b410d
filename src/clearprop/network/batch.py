"""Rows of data, and the batches that are gathered from them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from clearprop.inputs.preparation import Preparation, Scaling, prepare, scaled
from clearprop.maths.mixing import blended
from clearprop.network.deformation import MIXUP, Plan, deformed, draws

Array = Any


class Rows(NamedTuple):
    """A data set as an engine takes it.

    Attributes:
        x: inputs (n, features), uint8 (prepared in the step) or floating.
        y: integer labels (n,) or targets (n, outputs).
        weight: each row's weight (n,) with a mean of 1, or None where all weigh the same.
    """

    x: Array
    y: Array
    weight: Array | None


class Batch(NamedTuple):
    """Rows as a step takes them.

    Attributes:
        x: prepared inputs (batch, features).
        y: integer labels (batch,) or targets (batch, outputs).
        real: 1 for every real row, 0 for padding (batch,).
        weight: each row's weight (batch,), or None.
        mixed: the labels or targets that are mixed in, and their share (batch,), or None.
    """

    x: Array
    y: Array
    real: Array
    weight: Array | None = None
    mixed: tuple[Array, Array] | None = None

    def share(self, xp: Any) -> Array:
        """Return each row's share in the loss: its weight, over the number of real rows."""
        share = self.real / xp.sum(self.real)
        return share if self.weight is None else share * self.weight


def gather(
    xp: Any, rows: Rows, index: Array, preparation: Preparation | Scaling, dtype: Any
) -> Batch:
    """Return the batch of the rows at `index` (batch,); -1 pads, and its row counts nothing."""
    real = xp.astype(index >= 0, dtype)
    index = xp.where(index >= 0, index, 0)
    x = prepare(xp, xp.take(rows.x, index, axis=0), preparation, dtype)
    y = xp.take(rows.y, index, axis=0)
    y = y if y.ndim == 1 else xp.astype(y, dtype)
    if rows.weight is None:
        return Batch(x, y, real)
    return Batch(x, y, real, xp.astype(xp.take(rows.weight, index, axis=0), dtype))


def gather_deformed(
    xp: Any,
    plan: Plan,
    rows: Rows,
    index: Array,
    preparation: Preparation | Scaling,
    dtype: Any,
    values: Mapping[str, Any],
) -> Batch:
    """Return what `gather` returns, its pictures deformed as the plan and the step's values say."""
    plain = gather(xp, rows._replace(x=rows.x[:, :0]), index, Preparation(), dtype)
    pixels = xp.take(rows.x, xp.where(index >= 0, index, 0), axis=0)
    labels = plain.y if plain.y.ndim == 1 else xp.argmax(plain.y, axis=-1)
    drawn = draws(xp, values, index.shape[0], dtype)
    x = scaled(deformed(xp, plan, pixels, labels, drawn, values), preparation)
    if "mixup" not in plan.on:
        return plain._replace(x=x)
    places = xp.arange(index.shape[0], dtype=xp.int32)
    # The row before; for the first, the last real row: padding comes after all real rows.
    last = xp.sum(xp.astype(index >= 0, xp.int32)) - 1
    other = xp.where(places > 0, places - 1, xp.astype(last, xp.int32))
    share = drawn[:, MIXUP] * values["deformation.mixup"]
    if plain.weight is not None:
        share = share * xp.astype(xp.take(plain.weight, other, axis=0) > 0, dtype)
    mixed = (xp.take(plain.y, other, axis=0), share)
    return plain._replace(x=blended(xp, x, xp.take(x, other, axis=0), share), mixed=mixed)
