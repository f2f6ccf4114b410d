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


def smooth(xp: Namespace, targets: Rows, amount: Scalar, answers: int) -> Rows:
    """Return (1 - ε)·t + ε/K: label smoothing over K possible answers (Szegedy et al. 2016, §7).

    Of one question with K classes these are the K targets; of several questions with yes or no
    each target is one of two.
    """
    return (1.0 - amount) * targets + amount / answers
