"""A model's fit before and after it runs: rows, settings and engine; what the model keeps of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from clearprop.data import Split
from clearprop.data.batches import batches
from clearprop.engines import Engine, check_layers, choose, make
from clearprop.network import Preparation, Rows, Training, program, work
from clearprop.network.build import build_training
from clearprop.network.deformation import sized
from clearprop.training import Callback, Fit, Position, Seat, epochs_of
from clearprop.training.inputs import taken
from clearprop.training.intake import (
    check_deformable,
    check_varied,
    rows_of,
    split_of,
    validation_of,
)
from clearprop.training.weights import row_weights

if TYPE_CHECKING:
    from clearprop.model.mlp import MLP


class Fitting(NamedTuple):
    """A fit that is about to be run, and how its rows are met: their split and preparation."""

    fit: Fit
    split: Split
    preparation: Preparation | None


def fitting(
    model: MLP,
    x: Any,
    y: Any,
    validation_data: Any,
    *,
    epochs: int,
    batch_size: int,
    steps: int | None = None,
    class_weight: Mapping[int, float] | str | None = None,
    sample_weight: Any = None,
    callbacks: Sequence[Callback] = (),
    seat: Seat | None = None,
    networks: int = 1,
    beside: Fitting | None = None,
) -> Fitting:
    """Return the fit that a model is asked for; of the model only the engine is changed.

    Args:
        model: the model.
        x: as for `MLP.fit`, as all others up to `callbacks`.
        y: see there.
        validation_data: see there.
        epochs: see there; `steps` takes its place.
        batch_size: see there.
        steps: see there.
        class_weight: see there.
        sample_weight: see there.
        callbacks: see there.
        seat: the network's place among others that are trained with it.
        networks: how many they are together.
        beside: the fit of the first of them, whose rows this one takes too.
    """
    split, rows, validation, preparation = (
        (beside.split, beside.fit.rows, beside.fit.validation, beside.preparation)
        if beside
        else _rows(model, x, y, validation_data, class_weight, sample_weight)
    )
    training = _settings(model, split, epochs if steps is None else 0, batch_size)
    if steps is not None:
        epochs = epochs_of(steps, len(split), training.batch_size)
        training = msgspec.structs.replace(training, epochs=epochs)
    check_deformable(split.images, program(model.network, training).deformation)
    engine = _chosen_engine(model, networks, len(split), training, steps)
    fit = Fit(
        engine, model.network, training, preparation or Preparation(), model.position, rows,
        validation, callbacks, steps, seat,
    )  # fmt: skip
    return Fitting(fit, split, preparation)


def _rows(
    model: MLP, x: Any, y: Any, validation_data: Any, class_weight: Any, sample_weight: Any
) -> tuple[Split, Rows, Rows | None, Preparation | None]:
    split, targets = split_for(model, x, y)
    check_varied(split.labels if targets is None else targets)
    weights, dtype = row_weights(split, class_weight, sample_weight), model.settings.dtype
    rows = rows_of(split, targets, weights, dtype, model.pictures, model.input_shape)
    preparation = preparation_for(model, rows.x)
    validation = validation_of(
        validation_data, model.network, split.classes, preparation, dtype, model.pictures,
        _shape_of(model, split),
    )  # fmt: skip
    return split, rows, validation, preparation


def split_for(model: MLP, x: Any, y: Any) -> tuple[Split, Any]:
    """Return inputs and labels as a split under the model's classes, and their soft targets."""
    x = taken(x, model.preparation, model.settings.dtype)
    return split_of(x, y, model.network, model.classes if model._named else None)


def preparation_for(model: MLP, images: np.ndarray) -> Preparation | None:
    """Return how the model prepares these rows, if they are its first; else how it always does."""
    # What the first rows decided stays: the weights have grown used to it.
    if model._named:
        return model.preparation
    return Preparation.of(model._kind, images) if images.dtype == np.uint8 else None


def _settings(model: MLP, split: Split, epochs: int, batch_size: int) -> Training:
    training, lmbda = model.settings, model._lmbda
    words = msgspec.structs.asdict(training) | {
        "l2": training.l2 if lmbda is None else lmbda / len(split),
        "deformation": sized(training.deformation, split.images.shape[1:]),
        "epochs": epochs,
        "batch_size": batch_size,
    }
    return build_training(**words)


def _chosen_engine(
    model: MLP, networks: int, rows: int, training: Training, steps: int | None
) -> Engine:
    visits = rows * training.epochs
    if steps is None:
        steps = batches(rows, training.batch_size) * training.epochs
    visits = min(visits, steps * training.batch_size)
    times = networks * training.passes
    model.chosen = choose(
        model._wanted,
        visits=times * visits,
        steps=times * steps,
        work=work(model.network),
    )
    check_layers(model.chosen.name, model.network)
    if model._engine is None or model._engine.name != model.chosen.name:
        model._engine = make(model.chosen.name)
    return model._engine


def learned(model: MLP, made: Fitting, position: Position) -> None:
    """Let a model keep what a fit has come to.

    Args:
        model: the model.
        made: its fit, which has run.
        position: where the fit ended.
    """
    fit, history = made.fit, made.fit.history
    model.history = history
    model._position, model._training = position, fit.training
    model._made_with = None  # Here, with the engine that was chosen.
    meet(model, made.split, made.preparation)
    if fit.position.steps != position.steps:
        # Of the last epoch that was finished, or of the one that a callback put back.
        best = (history.best_epoch or 0) - 1
        model.validation_accuracy = history.val_accuracy[best] if history.val_accuracy else None


def meet(model: MLP, split: Split, preparation: Preparation | None) -> None:
    """Let a model know rows: the first ones name its outputs, and say how pictures are read."""
    model.preparation, model.input_shape = preparation, _shape_of(model, split)
    if not model._named and len(split.classes) == model.network.classes:
        model.classes = split.classes
    model.reading = model.reading if model._named else split.reading
    model._named = True


def _shape_of(model: MLP, split: Split) -> tuple[int, ...]:
    if len(model.network.input_shape) > 1:
        return model.network.input_shape
    # Flat rows that come later are pictures of the sides that are known.
    known = model.pictures and len(model.input_shape) == 2
    return model.input_shape if known else split.images.shape[1:]
