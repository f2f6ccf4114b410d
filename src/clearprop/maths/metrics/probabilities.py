"""Scores of probabilities: both are lowest where the probabilities are the true ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.metrics.mean import weighted_mean

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Rows = Float[Array, "rows classes"]


def log_loss(
    xp: Namespace, log_probabilities: Rows, wanted: Rows, weight: Float[Array, " rows"]
) -> Float[Array, ""]:
    """Return the mean of -Σ_k t_k·log p_k over the rows.

    Args:
        xp: the array namespace.
        log_probabilities: log p of every class, finite.
        wanted: t, 1 for the true class and 0 for the others, or shares that add up to 1.
        weight: of each row.
    """
    return weighted_mean(xp, -xp.sum(wanted * log_probabilities, axis=-1), weight)


def brier_score(
    xp: Namespace, probabilities: Rows, wanted: Rows, weight: Float[Array, " rows"]
) -> Float[Array, ""]:
    """Return the mean of Σ_k (p_k - t_k)² over the rows (Brier 1950), halved for two classes.

    Halved, the score of two classes is (p - t)² of either of them, as most people use it.

    Args:
        xp: the array namespace.
        probabilities: p of every class.
        wanted: t, as in `log_loss`.
        weight: of each row.
    """
    total = weighted_mean(xp, xp.sum((probabilities - wanted) ** 2, axis=-1), weight)
    return 0.5 * total if wanted.shape[-1] == 2 else total
