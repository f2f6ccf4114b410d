"""Insight: gradient checks, explanations of a batch, pictures, and what looks wrong."""

from clearprop.insight.architecture import draw_architecture
from clearprop.insight.curves import draw_learning_curves
from clearprop.insight.diagnosis import RunDiagnosis
from clearprop.insight.explain import Explained, explain, first_batch
from clearprop.insight.findings import Finding
from clearprop.insight.gradcheck import Check, gradient_check
from clearprop.insight.predictions import draw_predictions, draw_some_and_worst
from clearprop.insight.row_findings import data_findings

__all__ = [
    "Check",
    "Explained",
    "Finding",
    "RunDiagnosis",
    "data_findings",
    "draw_architecture",
    "draw_learning_curves",
    "draw_predictions",
    "draw_some_and_worst",
    "explain",
    "first_batch",
    "gradient_check",
]
