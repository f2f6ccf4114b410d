"""The model: `MLP`, the facade, and what it does before and after a fit."""

from clearprop.model.fitting import Fitting, Lesson, Start, fitting, meet
from clearprop.model.mlp import MLP

__all__ = ["MLP", "Fitting", "Lesson", "Start", "fitting", "meet"]
