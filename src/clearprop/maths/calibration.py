"""Whether a network is as sure as it is right, and how right it is where it is surest."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from clearprop.maths.types import Array, Bool, Float, Namespace

BINS = 15
"""Bins of equal width, as in Guo et al. 2017."""


class Reliability(NamedTuple):
    """What the rows of each bin show, each (bins,).

    Attributes:
        share: of all rows, those whose confidence lies in the bin.
        confidence: their mean confidence; 0 in an empty bin.
        accuracy: the share of them that is right; 0 in an empty bin.
    """

    share: Array
    confidence: Array
    accuracy: Array


def reliability(
    xp: Namespace,
    confidence: Float[Array, " rows"],
    right: Bool[Array, " rows"],
    bins: int = BINS,
) -> Reliability:
    """Return confidence and accuracy in bins of equal width (Guo et al. 2017, §2).

    Bin m of M holds the confidences in ((m - 1)/M, m/M]; 0 belongs to the first.

    Args:
        xp: the array namespace.
        confidence: the probability of each row's predicted class, in [0, 1].
        right: whether that class is the true one.
        bins: M.
    """
    edges = xp.arange(1, bins, dtype=confidence.dtype) / bins
    place = xp.searchsorted(edges, confidence)
    columns = xp.arange(bins, dtype=place.dtype)
    inside = xp.astype(place[:, None] == columns[None, :], confidence.dtype)
    count = xp.sum(inside, axis=0)
    some = xp.where(count > 0.0, count, 1.0)
    correct = xp.astype(right, confidence.dtype)
    return Reliability(
        count / confidence.shape[0],
        xp.sum(inside * confidence[:, None], axis=0) / some,
        xp.sum(inside * correct[:, None], axis=0) / some,
    )


def calibration_error(xp: Namespace, bins: Reliability) -> Float[Array, ""]:
    """Return the expected calibration error Σ_m share_m·|accuracy_m - confidence_m|.

    Source: Naeini et al. 2015; Guo et al. 2017, equation 3.
    """
    return xp.sum(bins.share * xp.abs(bins.accuracy - bins.confidence))


def accuracy_of_surest(
    xp: Namespace, confidence: Float[Array, " rows"], right: Bool[Array, " rows"]
) -> Float[Array, " rows"]:
    """Return at place k - 1 the accuracy of the k rows with the highest confidence.

    This is the curve of selective classification (El-Yaniv & Wiener 2010): what is left when
    the least sure rows are not answered. Rows of equal confidence keep their order.
    """
    order = xp.argsort(-confidence, stable=True)
    correct = xp.astype(xp.take(right, order), confidence.dtype)
    answered = xp.arange(1, confidence.shape[0] + 1, dtype=confidence.dtype)
    return xp.cumulative_sum(correct) / answered
