"""How far predicted real numbers are from the true ones, column by column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clearprop.maths.metrics.mean import weighted_mean

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace

    Rows = Float[Array, "rows columns"]
    Weight = Float[Array, " rows"]
    Columns = Float[Array, " columns"]


def root_mean_square_error(xp: Namespace, predicted: Rows, true: Rows, weight: Weight) -> Columns:
    """Return √(mean of (a - y)²), in the columns' own units."""
    return xp.sqrt(weighted_mean(xp, (predicted - true) ** 2, weight))


def mean_absolute_error(xp: Namespace, predicted: Rows, true: Rows, weight: Weight) -> Columns:
    """Return the mean of |a - y|, in the columns' own units."""
    return weighted_mean(xp, xp.abs(predicted - true), weight)


def coefficient_of_determination(
    xp: Namespace, predicted: Rows, true: Rows, weight: Weight
) -> Columns:
    """Return R² = 1 - Σ (a - y)² / Σ (y - mean of y)², the coefficient of determination.

    1 is perfect, 0 is as good as the mean of these very rows, and less is worse. Of a column that
    does not vary it is 1 where all is right, else 0.
    """
    mean = weighted_mean(xp, true, weight)
    missed = weighted_mean(xp, (predicted - true) ** 2, weight)
    varied = weighted_mean(xp, (true - mean) ** 2, weight)
    # The mean of equal numbers is rounded, so that their variance may be more than 0.
    counts = weight[:, None] > 0.0
    most = xp.max(xp.where(counts, true, -xp.inf), axis=0)
    varies = (most > xp.min(xp.where(counts, true, xp.inf), axis=0)) & (varied > 0.0)
    still = xp.astype(missed == 0.0, missed.dtype)
    return xp.where(varies, 1.0 - missed / xp.where(varies, varied, 1.0), still)
