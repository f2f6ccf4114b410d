"""Training: the fit, its history, and callbacks."""

from clearprop.training.callbacks import Callback, EarlyStopping, KeepBest
from clearprop.training.checkpoints import Checkpoints
from clearprop.training.evaluation import Evaluation, evaluate_logits
from clearprop.training.fit import Fit, epochs_of
from clearprop.training.fit_many import FitMany
from clearprop.training.history import History
from clearprop.training.plateau import ReduceOnPlateau
from clearprop.training.position import Position, SharedRun, evaluated_state
from clearprop.training.progress import Progress
from clearprop.training.running_fit import RunningFit

__all__ = [
    "Callback",
    "Checkpoints",
    "EarlyStopping",
    "Evaluation",
    "Fit",
    "FitMany",
    "History",
    "KeepBest",
    "Position",
    "Progress",
    "ReduceOnPlateau",
    "RunningFit",
    "SharedRun",
    "epochs_of",
    "evaluate_logits",
    "evaluated_state",
]
