"""Insight: gradient checks, explanations of a batch, pictures."""

from clearprop.insight.architecture import draw_architecture
from clearprop.insight.curves import draw_learning_curves
from clearprop.insight.explain import Explained, explain, first_batch
from clearprop.insight.gradcheck import Check, gradient_check
from clearprop.insight.predictions import draw_predictions
from clearprop.insight.selection import draw_some_and_worst

__all__ = [
    "Check",
    "Explained",
    "draw_architecture",
    "draw_learning_curves",
    "draw_predictions",
    "draw_some_and_worst",
    "explain",
    "first_batch",
    "gradient_check",
]
