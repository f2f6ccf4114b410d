"""Metrics: how good answers are, in figures that people compare.

`weight` is everywhere a number for each row, of any size: only its share in the sum counts.
"""

from clearprop.maths.metrics.counts import ClassScores, class_scores, confusion, hits, scores_of
from clearprop.maths.metrics.distance import (
    coefficient_of_determination,
    mean_absolute_error,
    root_mean_square_error,
)
from clearprop.maths.metrics.interval import wilson_interval
from clearprop.maths.metrics.mean import weighted_mean
from clearprop.maths.metrics.probabilities import brier_score, log_loss
from clearprop.maths.metrics.ranking import area_under_roc

__all__ = [
    "ClassScores",
    "area_under_roc",
    "brier_score",
    "class_scores",
    "coefficient_of_determination",
    "confusion",
    "hits",
    "log_loss",
    "mean_absolute_error",
    "root_mean_square_error",
    "scores_of",
    "weighted_mean",
    "wilson_interval",
]
