"""Multilayer perceptrons that you can see through.

The names below are loaded when they are first used, so that `import clearprop` costs nothing.
"""

import importlib
from typing import TYPE_CHECKING, Any

from clearprop.version import __version__

if TYPE_CHECKING:
    from clearprop.committee import Committee
    from clearprop.data import datasets
    from clearprop.data.pictures.images import read_digit, read_garment, read_picture
    from clearprop.data.views import Views
    from clearprop.errors import ClearpropError
    from clearprop.insight import RunDiagnosis, data_findings
    from clearprop.loading import load
    from clearprop.many import fit_many
    from clearprop.model import MLP
    from clearprop.network.own.activation import register_activation
    from clearprop.network.own.layer import register_layer
    from clearprop.network.own.loss import register_loss
    from clearprop.network.own.optimizer import register_optimizer
    from clearprop.training import (
        Callback,
        Checkpoints,
        EarlyStopping,
        History,
        KeepBest,
        Progress,
        ReduceOnPlateau,
    )

__all__ = [
    "MLP",
    "Callback",
    "Checkpoints",
    "ClearpropError",
    "Committee",
    "EarlyStopping",
    "History",
    "KeepBest",
    "Progress",
    "ReduceOnPlateau",
    "RunDiagnosis",
    "Views",
    "__version__",
    "data_findings",
    "datasets",
    "fit_many",
    "load",
    "read_digit",
    "read_garment",
    "read_picture",
    "register_activation",
    "register_layer",
    "register_loss",
    "register_optimizer",
]

_HOMES = {
    "MLP": "clearprop.model",
    "Callback": "clearprop.training",
    "Checkpoints": "clearprop.training",
    "ClearpropError": "clearprop.errors",
    "Committee": "clearprop.committee",
    "EarlyStopping": "clearprop.training",
    "History": "clearprop.training",
    "KeepBest": "clearprop.training",
    "Progress": "clearprop.training",
    "ReduceOnPlateau": "clearprop.training",
    "RunDiagnosis": "clearprop.insight.diagnosis",
    "Views": "clearprop.data.views",
    "data_findings": "clearprop.insight.row_findings",
    "fit_many": "clearprop.many",
    "load": "clearprop.loading",
    "read_digit": "clearprop.data.pictures.images",
    "read_garment": "clearprop.data.pictures.images",
    "read_picture": "clearprop.data.pictures.images",
    "register_activation": "clearprop.network.own.activation",
    "register_layer": "clearprop.network.own.layer",
    "register_loss": "clearprop.network.own.loss",
    "register_optimizer": "clearprop.network.own.optimizer",
}


def __getattr__(name: str) -> Any:
    if name == "datasets":
        return importlib.import_module("clearprop.data.datasets")
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'clearprop' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
