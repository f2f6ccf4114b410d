"""The model: `MLP`, the facade, and what it does before and after a fit."""

from clearprop.model.mlp import MLP
from clearprop.model.planned_fit import BeforeFit, FitArguments, PlannedFit, fit_data, plan_fit

__all__ = ["MLP", "BeforeFit", "FitArguments", "PlannedFit", "fit_data", "plan_fit"]
