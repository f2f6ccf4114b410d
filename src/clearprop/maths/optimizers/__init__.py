"""Optimizers, one a file, and the table of them."""

from clearprop.maths.optimizers.adam import ADAM, ADAMW
from clearprop.maths.optimizers.lion import LION
from clearprop.maths.optimizers.momentum import MOMENTUM
from clearprop.maths.optimizers.muon import MUON
from clearprop.maths.optimizers.nesterov import NESTEROV
from clearprop.maths.optimizers.optimizer import Optimizer, decoupled_decay
from clearprop.maths.optimizers.rmsprop import RMSPROP
from clearprop.maths.optimizers.sgd import SGD

__all__ = ["OPTIMIZERS", "Optimizer", "decoupled_decay"]

OPTIMIZERS = {
    "adam": ADAM,
    "adamw": ADAMW,
    "lion": LION,
    "momentum": MOMENTUM,
    "muon": MUON,
    "nesterov": NESTEROV,
    "rmsprop": RMSPROP,
    "sgd": SGD,
}
