"""How well scores put the rows with a yes before the rows with a no."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Float, Namespace


def area_under_roc(
    xp: Namespace,
    scores: Float[Array, " rows"],
    yes: Float[Array, " rows"],
    weight: Float[Array, " rows"],
) -> Float[Array, ""]:
    """Return the area under the ROC curve; NaN where all rows are yes, or all are no.

    It is the probability that a row with a yes has a higher score than one with a no, ties
    counting half (Hanley & McNeil 1982). With N(s) the weight of the rows with a no whose score
    is below s, and M(s) that of those at s or below,

        Σ_yes w_i·(N(s_i) + M(s_i))/2 / (Σ_yes w · Σ_no w),

    and N and M are read off the sorted scores.

    Args:
        xp: the array namespace.
        scores: s, higher for a yes; only their order counts.
        yes: 1 or 0.
        weight: w.
    """
    order = xp.argsort(scores)
    ranked = xp.take(scores, order)
    no = weight * (1.0 - yes)
    below = xp.concat([xp.zeros((1,), dtype=no.dtype), xp.cumulative_sum(xp.take(no, order))])
    under = xp.take(below, xp.searchsorted(ranked, scores, side="left"))
    up_to = xp.take(below, xp.searchsorted(ranked, scores, side="right"))
    # Divided one after the other: a product of small or large sums may overflow or vanish.
    all_yes, all_no = xp.sum(weight * yes), below[-1]
    both = (all_yes > 0.0) & (all_no > 0.0)
    won = 0.5 * (under + up_to) / xp.where(both, all_no, 1.0)
    area = xp.sum(weight * yes * won) / xp.where(both, all_yes, 1.0)
    return xp.where(both, area, xp.nan)
