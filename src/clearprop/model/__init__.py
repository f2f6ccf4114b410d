"""The model: `MLP`, the facade, and what it does before and after a fit."""

from clearprop.model.fitting import Fitting, fitting, learned
from clearprop.model.mlp import MLP, built

__all__ = ["MLP", "Fitting", "built", "fitting", "learned"]
