"""Counts of right answers and of mistakes, class by class."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Int, Namespace


def hits(
    xp: Namespace, outputs: Float[Array, "batch classes"], labels: Int[Array, " batch"]
) -> Array:
    """Return, for every row, whether its largest output stands in its label's column.

    Among equal outputs the first counts. Softmax and sigmoid keep the order, so logits do.
    """
    return xp.argmax(outputs, axis=-1) == labels


def confusion(
    xp: Namespace, labels: Int[Array, " batch"], predicted: Int[Array, " batch"], classes: int
) -> Int[Array, "classes classes"]:
    """Return how many rows of each class (down) were taken for each class (across).

    Row i is of the cell labels·K + predicted. Among the sorted cells those of one cell stand
    together, so the count is the distance between where it and where the next one begin.

    Args:
        xp: the array namespace.
        labels: the true classes, from 0 up to K - 1.
        predicted: the classes that they were taken for, of the same type.
        classes: K; the type of the labels must hold K².
    """
    cells = xp.sort(labels * classes + predicted)
    begins = xp.searchsorted(cells, xp.arange(classes * classes + 1, dtype=cells.dtype))
    return xp.reshape(begins[1:] - begins[:-1], (classes, classes))


class ClassScores(NamedTuple):
    """How well each class is recognized, each (classes,); NaN where nothing can be said.

    Attributes:
        precision: share of the rows taken for the class that are of it.
        recall: share of the rows of the class that are taken for it.
        f1: the harmonic mean of the two.
    """

    precision: Array
    recall: Array
    f1: Array


def class_scores(
    xp: Namespace, counts: Int[Array, "classes classes"], dtype: object
) -> ClassScores:
    """Return n_kk / Σ_i n_ik, n_kk / Σ_j n_kj and 2·n_kk / (Σ_i n_ik + Σ_j n_kj) for every class.

    Args:
        xp: the array namespace.
        counts: n, from `confusion`.
        dtype: the floating type of the result.
    """
    right = xp.astype(xp.linalg.diagonal(counts), dtype)
    taken = xp.astype(xp.sum(counts, axis=0), dtype)
    given = xp.astype(xp.sum(counts, axis=1), dtype)
    return scores_of(xp, right, taken, given)


def scores_of(xp: Namespace, right: Array, taken: Array, given: Array) -> ClassScores:
    """Return right/taken, right/given and 2·right/(taken + given) for every class.

    Args:
        xp: the array namespace.
        right: the rows (or their weight) of the class that are taken for it.
        taken: those that are taken for it.
        given: those that are of it.
    """
    return ClassScores(
        _ratio(xp, right, taken), _ratio(xp, right, given), _ratio(xp, 2.0 * right, taken + given)
    )


def _ratio(xp: Namespace, part: Array, whole: Array) -> Array:
    """Return part / whole, and NaN in place of 0 / 0."""
    return xp.where(whole > 0.0, part / xp.where(whole > 0.0, whole, 1.0), xp.nan)
