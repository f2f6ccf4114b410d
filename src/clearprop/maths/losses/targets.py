"""Targets: one row of numbers for each sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.losses.loss import Rows
    from clearprop.maths.types import Array, Float, Int, Namespace, Scalar


def one_hot(
    xp: Namespace, labels: Int[Array, " batch"], classes: int, dtype: object
) -> Float[Array, "batch classes"]:
    """Return a row for each label, 1 in the label's column and 0 elsewhere."""
    columns = xp.arange(classes, dtype=labels.dtype)
    return xp.astype(labels[:, None] == columns[None, :], dtype)


def smooth(xp: Namespace, targets: Rows, amount: Scalar) -> Rows:
    """Return (1 - ε)·t + ε/K: label smoothing over K classes (Szegedy et al. 2016, §7)."""
    return (1.0 - amount) * targets + amount / targets.shape[-1]
