"""A model's card: what its file says beside the weights, written and taken up again."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from clearprop.data import Split
from clearprop.engines import versions
from clearprop.model.fitting import meet, preparation_for
from clearprop.network import shapes, statistics_shapes
from clearprop.network.operations import uses
from clearprop.registered import needs
from clearprop.storage import Card
from clearprop.training.intake import rows_of

if TYPE_CHECKING:
    from clearprop.model.mlp import MLP


class Brought(NamedTuple):
    """What a file brought: the weights that answer, and the epochs behind them."""

    params: dict[str, np.ndarray]
    stats: dict[str, np.ndarray]
    epochs: int


def card_of(model: MLP, rows: Split | None = None) -> Card:
    """Return what a model file says beside the parameters.

    Args:
        model: the model.
        rows: those of a fit that is about to begin: how it will take inputs and name classes.
    """
    if rows is not None:
        x = rows_of(rows, pictures=model.pictures, shape=model.input_shape).x
        preparation, model = preparation_for(model, x), copy.copy(model)
        meet(model, rows, preparation)
    return Card(
        model.network, model.preparation, model.classes, model.input_shape, model.settings,
        model.epochs, model.dataset, model.validation_accuracy, model.reading,
        _versions(model), model.pictures, needs(uses(model.network, model.settings)),
    )  # fmt: skip


def _versions(model: MLP) -> dict[str, str]:
    """Return with what the weights were learned: here, or where the file came from."""
    if model._made_with is None and model.chosen is not None:
        return versions(model.chosen.name)
    return model._made_with or {}


def adopt(model: MLP, card: Card, tensors: dict[str, np.ndarray]) -> None:
    """Make a model what a card describes; its weights are the tensors themselves."""
    model.network, model._training = card.network, card.training
    model.preparation, model.classes = card.preparation, card.classes
    model.input_shape, model.dataset = card.input_shape, card.dataset
    model.reading, model._made_with = card.reading, card.made_with
    model.pictures = card.pictures
    model.validation_accuracy, model._named = card.validation_accuracy, True
    params = {name: tensors[name] for name in shapes(card.network)}
    stats = {name: tensors[name] for name in statistics_shapes(card.network)}
    model._brought = Brought(params, stats, card.epochs)
