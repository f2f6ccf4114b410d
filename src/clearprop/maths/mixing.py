"""Mixup (Zhang et al. 2018): a row is blended with another one, and so are their targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace


def blended(
    xp: Namespace,
    rows: Float[Array, "batch numbers"],
    others: Float[Array, "batch numbers"],
    share: Float[Array, " batch"],
) -> Float[Array, "batch numbers"]:
    """Return (1 - s)·row + s·other, written as row + s·(other - row).

    The paper draws s from a Beta distribution; here whoever calls chooses the draw.

    Args:
        xp: the array namespace.
        rows: inputs or targets.
        others: as many, of other rows.
        share: s of each row, in [0, 1].
    """
    return rows + share[:, None] * (others - rows)
