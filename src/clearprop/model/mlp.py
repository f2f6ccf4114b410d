"""`MLP`: a network, its settings, its data's shape and its engine, in one object.

A facade: everything it does is done by the plain functions of the floors below.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from clearprop.engines import Chosen, check_layers, make, versions
from clearprop.errors import SettingError
from clearprop.inputs import Inputs, prepare
from clearprop.model.planned_fit import BeforeFit, FitArguments, PlannedFit, network_for, plan_fit
from clearprop.model.requested import Requested, as_loaded, requested
from clearprop.network import (
    Deformation,
    Network,
    Training,
    hidden,
    initial_parameters,
    initial_state,
    initial_statistics,
    outputs,
    program,
    shapes,
    statistics_shapes,
    summary,
)
from clearprop.network.operations import uses
from clearprop.registered import needs
from clearprop.storage import Card, write
from clearprop.tasks import Decided, Targets
from clearprop.tasks.task import Answer
from clearprop.training import (
    Callback,
    Evaluation,
    History,
    Position,
    evaluate_logits,
    evaluated_state,
)
from clearprop.training.raw_rows import raw_rows
from clearprop.training.rows import inputs_of, rows_of

Tensors = dict[str, np.ndarray]


class MLP:
    """A multilayer perceptron.

    Args:
        layers: sizes from the inputs to the outputs, for example [784, 128, 64, 10]. The first may
            be the shape of an input, such as (28, 28). Between the first and the last there may be
            other layers, by name or as tables: "scale", "layer_norm",
            {"name": "residual", "layers": [128, 128]}, or one registered with
            `clearprop.register_layer`. A layer given as an object is complete; what a number or a
            table leaves out is taken from the settings below.
        task: "classes", one of several; "labels", any number of yes or no, an output for each;
            "values", real numbers, an output for each column. "auto" decides by the first targets;
            `decided` says how, and why.
        activation: of the dense layers, one for all or one for each: "relu", "leaky_relu",
            "elu", "gelu", "silu", "softplus", "sigmoid", "tanh" or "identity",
            or one registered with `clearprop.register_activation`.
        optimizer: "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion", "muon",
            or a table with settings: {"name": "adam", "beta1": 0.8}. Lion wants a tenth of Adam's
            learning rate, Muon ten times as much (0.02).
        learning_rate: the (highest) learning rate.
        loss: "cross_entropy", "sigmoid_cross_entropy" or "squared_error", or one registered with
            `clearprop.register_loss`; None takes the task's own: for classes, labels and values in
            this order.
        output: the output activation, where task and loss leave a choice: under "squared_error"
            classes may use "identity", "sigmoid" or "softmax".
        batch_norm: normalize every hidden dense layer over the batch.
        dropout: rate on hidden dense layers, one for all or one for each.
        input_dropout: rate on the inputs.
        noise: standard deviation of the Gaussian noise that is added before hidden activations
            while training, one for all or one for each.
        input_noise: standard deviation of the Gaussian noise on the (prepared) inputs.
        l1: λ of the penalty λ·Σ|W|.
        l2: λ of the penalty λ/2·ΣW².
        lmbda: λ of Nielsen's book, l2 times the number of training rows; instead of `l2`.
        clip_norm: the largest norm of the gradient; 0 is off.
        max_norm: the largest norm of a unit's incoming weights, kept after every step (3 is
            usual with dropout); 0 is off.
        moving_average: decay of the averaged weights that evaluation uses; 0 is off.
        label_smoothing: ε of label smoothing.
        adversarial: ε of adversarial training: the network learns from every row twice, as it is
            and moved by ε to where the loss grows fastest; takes twice the time; 0 is off.
        deformation: of uint8 pictures, fresh at every step, such as {"rotation": 10, "shift": 1};
            see `clearprop.network.Deformation`.
        schedule: None, "cosine", "exponential", "inverse_time", "linear", "one_cycle",
            "step", "warm_up", "warm_up_cosine", or a table with settings; times are in epochs. Or
            a list of such parts, each but the last with `for`, the epochs that it lasts.
        initializer: None (He for rectifiers, else Glorot) or "he_normal", "he_uniform",
            "glorot_normal", "glorot_uniform", "lecun_normal", "lecun_uniform",
            "orthogonal" (gain 1), "standard_normal" or "uniform".
        pictures: how uint8 pictures are redrawn first, in training and prediction: a list of
            "deslant" (sheared until upright), "center" (the center of mass to the middle) and
            {"name": "width", "pixels": 16} (the ink of one width).
        preparation: "unit" takes uint8 pixels as x/255 and leaves floats unchanged; "standardize"
            gives training rows a mean of 0 and a standard deviation of 1: all pixels alike, and
            each column of float rows by itself.
        engine: "numpy", "jax", or "auto" (chosen by the size of the job, see `chosen`).
        gradients: "auto" or "derived" (the hand-derived ones, also under JAX).
        precision: "float32" or "float64".
        seed: determines every random draw.

    Raises:
        SettingError: a setting that does not exist or does not fit.

    Attributes:
        requested: what was requested, as a value.
        chosen: the engine of the last fit and why it was chosen; None before.
        decided: its task, and why.
        history: of the last fit; None before.
    """

    def __init__(
        self,
        layers: Sequence[Any],
        *,
        task: str = "auto",
        activation: str | Sequence[str] = "relu",
        optimizer: str | Mapping = "adam",
        learning_rate: float = 1e-3,
        loss: str | None = None,
        output: str | None = None,
        batch_norm: bool = False,
        dropout: float | Sequence[float] = 0.0,
        input_dropout: float = 0.0,
        noise: float | Sequence[float] = 0.0,
        input_noise: float = 0.0,
        l1: float = 0.0,
        l2: float = 0.0,
        lmbda: float | None = None,
        clip_norm: float = 0.0,
        max_norm: float = 0.0,
        moving_average: float = 0.0,
        label_smoothing: float = 0.0,
        adversarial: float = 0.0,
        deformation: Mapping | Deformation | None = None,
        schedule: str | Mapping | Sequence[str | Mapping] | None = None,
        initializer: str | None = None,
        pictures: str | Mapping | Sequence[str | Mapping] | None = None,
        preparation: str = "unit",
        engine: str = "numpy",
        gradients: str = "auto",
        precision: str = "float32",
        seed: int = 0,
    ) -> None:
        # The keywords stand here once; all further floors take them by name.
        settings = {name: own for name, own in locals().items() if name not in ("self", "layers")}
        self._start_as(*requested(layers, settings))

    def _start_as(self, wanted: Requested, card: Card) -> None:
        self.requested, self._card = wanted, card
        self.chosen: Chosen | None = None
        self.history: History | None = None
        self.decided = Decided(card.network.task, "until the targets are known")
        self._knows_targets = self._learned_here = False
        # Made when it is first wanted: one that only answers needs no optimizer's memory.
        self._position: Position | None = None
        self._loaded: Tensors | None = None

    @classmethod
    def of(cls, card: Card, tensors: Tensors, engine: str = "numpy") -> MLP:
        """Return the model that a card describes; its weights are the tensors themselves.

        Args:
            card: what it is.
            tensors: its parameters and running statistics by name.
            engine: the engine to run it on.

        Raises:
            SettingError: there is no such engine.
        """
        made = cls.__new__(cls)
        made._start_as(as_loaded(card, engine), card)
        made.decided = Decided(card.network.task, "the file says so")
        made._knows_targets, made._loaded = True, tensors
        return made

    @property
    def network(self) -> Network:
        """The architecture and the task, as plain data."""
        return self._card.network

    @property
    def settings(self) -> Training:
        """The training settings, with the epochs and the batch size of the last fit."""
        return self._card.training

    @property
    def inputs(self) -> Inputs:
        """The shape, range and preparation of one input."""
        return self._card.inputs

    @property
    def targets(self) -> Targets:
        """What the outputs stand for."""
        return self._card.targets

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes, labels or columns that the outputs stand for."""
        return self.targets.names

    @property
    def task(self) -> str:
        """The name of the task: "classes", "labels" or "values"; see `decided` for why."""
        return self.network.task

    @property
    def answer(self) -> Answer:
        """What a prediction is: "one" of a few, "several" of them, or "numbers"."""
        return self.network.task_type.answer(self.network.outputs)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return self.inputs.shape

    @property
    def dataset(self) -> str:
        """The name of the data that a loaded model learned from, or ""."""
        return self._card.dataset

    @property
    def metrics(self) -> dict[str, float]:
        """Loss and metrics on the validation rows with these weights; empty without such rows."""
        return dict(self._card.metrics)

    @property
    def start(self) -> BeforeFit:
        """The model before a fit, as `plan_fit` takes it."""
        return BeforeFit(self.requested, self._card, self._knows_targets, self.position)

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        validation_split: float | int = 0,
        epochs: int = 5,
        steps: int | None = None,
        batch_size: int = 128,
        classes: Sequence[str] | None = None,
        class_weight: Mapping[Any, float] | str | None = None,
        sample_weight: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> History:
        """Learn from rows; called again, continue with a fresh schedule.

        Args:
            x: a split (as `datasets.load("mnist").train`), or inputs (n, features) or (n,
                height, width): uint8 pixels, or floats.
            y: class numbers or names (n,), or one-hot rows; rows of 0 and 1 (n, labels); or real
                numbers (n,) or (n, columns). None with a split.
            validation_data: a split, a pair (x, y) or a triple (x, y, weights), to be measured
                after every epoch.
            validation_split: a share of the rows, or how many of them, to hold out and measure
                after every epoch; the seed chooses them.
            epochs: how many times every row is visited.
            steps: how many updates are made, in place of `epochs`; the last epoch may be partial.
            batch_size: rows a step.
            classes: the names of all classes or labels, in the order of the outputs, if these rows
                do not show all of them.
            class_weight: a weight for each class, or "balanced".
            sample_weight: a weight for each row (n,).
            callbacks: see `clearprop.training.Callback`.

        Returns:
            The history of this call.

        Raises:
            DataError: rows that cannot be learned from.
            SettingError: an epoch count, batch size or weight that does not fit.
            DivergedError: the loss exploded; the model stays as it was before.
            KeyboardInterrupt: on Ctrl-C; the model keeps what it had learned, or the best of it
                if a callback keeps the best. A second Ctrl-C interrupts at once: then only what a
                callback kept is left of this fit.
        """
        arguments = FitArguments(
            x=x,
            y=y,
            validation_data=validation_data,
            validation_split=validation_split,
            classes=classes,
            class_weight=class_weight,
            sample_weight=sample_weight,
            epochs=epochs,
            steps=steps,
            batch_size=batch_size,
            callbacks=callbacks,
        )
        made = plan_fit(self.start, arguments)
        self.chosen = made.chosen
        position, history = made.fit.run()
        self.keep(made, position)
        if made.fit.ended_by:
            raise made.fit.ended_by
        return history

    def keep(self, made: PlannedFit, position: Position) -> None:
        """Take over the result of a fit of this model, which ended at `position`."""
        fit, history = made.fit, made.fit.history
        self.history, self._position, self._loaded = history, position, None
        self.chosen = made.chosen
        if not self._knows_targets:
            self.decided = made.data.decided
        self._knows_targets = self._learned_here = True
        metrics = self._card.metrics
        if fit.position.steps != position.steps:
            # Of the last epoch that was finished, or of the one that a callback put back.
            metrics = history.of_validation((history.best_epoch or 0) - 1)
        self._card = msgspec.structs.replace(made.card, metrics=metrics)

    def evaluate(self, x: Any, y: Any = None, *, sample_weight: Any = None) -> Evaluation:
        """Return loss and metrics on a split, or on inputs and targets, as for `fit`."""
        one = raw_rows(x, y, self.inputs, self.settings.dtype, sample_weight)
        network = network_for(self.start, one)
        known = self.targets if self._knows_targets else network.task_type.unnamed(network.outputs)
        rows = rows_of(network, self.inputs, known, one)
        logits = self._answers(rows.x)
        return evaluate_logits(network, logits, rows.y, known, rows.weight)

    def predict(self, x: Any) -> np.ndarray:
        """Return the prediction for each input.

        For classes it is the label (n,), as in the training rows: a whole number where all of
        `classes` are, else the name. For labels it is 1 for yes and 0 for no (n, labels), and for
        a single label its name, like a class. For values it is the numbers, in their own units
        (n, columns), or (n,) for a single column.

        Args:
            x: inputs as for `fit`; a single one may be given without its first axis.
        """
        return self.network.task_type.predicted(self.logits(x), self.targets)

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the output activations (n, outputs): probabilities under softmax and sigmoid.

        Raises:
            SettingError: the outputs are values, which have no probabilities.
        """
        if self.answer == "numbers":
            raise SettingError("real numbers have no probabilities; predict returns them")
        return outputs(np, self.network, self.logits(x))

    def hidden(self, x: Any) -> np.ndarray:
        """Return the output of the last hidden layer for each input (n, units).

        Without hidden layers it is the prepared inputs.
        """
        dtype = self.settings.dtype
        x = prepare(np, self.redrawn(x), self.inputs.preparation, np.dtype(dtype))
        return hidden(np, self.network, *self._state(), x)

    def redrawn(self, x: Any) -> np.ndarray:
        """Return inputs redrawn, bytes or floats (n, features); without `pictures`, unchanged."""
        return inputs_of(x, self.network, self.inputs, self.settings.dtype)

    def logits(self, x: Any) -> np.ndarray:
        """Return the result of the last layer before its activation (n, outputs)."""
        return self._answers(self.redrawn(x))

    def _answers(self, x: np.ndarray) -> np.ndarray:
        name = self.chosen.name if self.chosen else self.requested.engine
        engine = make("numpy" if name == "auto" else name)
        check_layers(engine.name, self.network)
        preparation, dtype = self.inputs.preparation, self.settings.dtype
        return engine.logits(self.network, self._state(), x, preparation, dtype)

    def _state(self) -> tuple[Tensors, Tensors]:
        """Return the (params, stats) that evaluation uses, themselves and no copies."""
        if self._loaded is None:
            return evaluated_state(self.position.state)
        found = self._loaded
        params = {name: found[name] for name in shapes(self.network)}
        return params, {name: found[name] for name in statistics_shapes(self.network)}

    @property
    def tensors(self) -> Tensors:
        """The parameters and statistics that evaluation uses, themselves and no copies."""
        params, stats = self._state()
        return {**params, **stats}

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """A copy of the parameters that evaluation uses, by name."""
        params, _ = self._state()
        return {name: value.copy() for name, value in params.items()}

    @property
    def statistics(self) -> dict[str, np.ndarray]:
        """A copy of the running statistics, by name."""
        _, stats = self._state()
        return {name: value.copy() for name, value in stats.items()}

    @property
    def position(self) -> Position:
        """The state, and the steps and epochs behind it; what `resume` takes."""
        if self._position is None:
            network, training = self.network, self.settings
            if self._loaded is None:
                params = initial_parameters(network, training.seed, training.dtype)
                stats = initial_statistics(network, training.dtype)
            else:
                params, stats = self._state()
            state = initial_state(np, program(network, training), params, stats)
            self._position, self._loaded = Position(state, epochs=self._card.epochs), None
        return self._position

    @property
    def epochs(self) -> int:
        """How many epochs are behind the weights, in all fits; one cut short by `steps` counts."""
        return self._card.epochs if self._position is None else self._position.epochs

    def resume(self, position: Position) -> None:
        """Continue where a model of this network and optimizer was, as a checkpoint holds it.

        Raises:
            SettingError: the state is of another network, optimizer or precision.
        """
        for mine, theirs in zip(self.position.state, position.state, strict=True):
            if _outline(mine) != _outline(theirs):
                raise SettingError(
                    "the state to resume from is of another network, optimizer or precision; "
                    "make the model with the settings that it was made with"
                )
        self._position = position

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.network.sizes))
        return f"<MLP {sizes}, {self.task}, {self.network.loss}, {self.epochs} epochs learned>"

    def summary(self) -> str:
        """Return a table of layers, shapes and parameters."""
        return summary(self.network)

    def save(self, path: str | os.PathLike[str], *, dataset: str | None = None) -> Path:
        """Write a model file: parameters, statistics, and what prediction needs to know.

        The optimizer's memory is not in it: a loaded model predicts as this one does, and
        learns on with a fresh optimizer. `lmbda` is in it as the l2 of the last fit.

        Args:
            path: the file, by custom ending in .safetensors; one of that name is replaced.
            dataset: the name of the data it learned from, for the file's card; without it the
                one that a loaded model came with.

        Raises:
            ModelFileError: the file cannot be written there.
        """
        card = self.card
        if dataset is not None:
            card = msgspec.structs.replace(card, dataset=dataset)
        return write(path, card, self.tensors)

    @property
    def card(self) -> Card:
        """What a model file says beside the parameters."""
        card = self._card
        made_with = card.made_with
        if self._learned_here and self.chosen is not None:
            made_with = versions(self.chosen.name)
        needed = needs(uses(card.network, card.training))
        # JSON has no number for what is not finite.
        metrics = {name: value for name, value in card.metrics.items() if math.isfinite(value)}
        return msgspec.structs.replace(
            card, epochs=self.epochs, metrics=metrics, made_with=made_with, needs=needed
        )


def _outline(arrays: dict[str, np.ndarray]) -> dict[str, tuple]:
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}
