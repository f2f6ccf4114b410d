"""Counts that say how good predictions are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace


def hits(
    xp: Namespace, outputs: Float[Array, "batch classes"], labels: Int[Array, " batch"]
) -> Array:
    """Return, for every row, whether its largest output stands in its label's column.

    Among equal outputs the first counts. Softmax and sigmoid keep the order, so logits do.
    """
    return xp.argmax(outputs, axis=-1) == labels
