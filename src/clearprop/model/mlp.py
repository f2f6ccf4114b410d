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
from clearprop.model.asked import Asked, asked, taken_up
from clearprop.model.fitting import Fitting, Lesson, Start, asked_of, fitting
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
            be the shape of an input, as (28, 28); between the first and the last may stand other
            layers, by their names or as tables: "scale", "layer_norm",
            {"name": "residual", "layers": [128, 128]}, or one that `clearprop.register_layer`
            made known. A layer given as an object says everything itself; what a number or a table
            does not say is as the settings below say.
        task: what it is asked for: "classes", which one of several; "labels", any number of yes or
            no at once, an output for each; "values", real numbers, an output for each column.
            "auto" takes what the first targets are; `decided` says what that was, and why.
        activation: of the dense layers, one for all or one for each: "relu", "leaky_relu",
            "elu", "gelu", "silu", "softplus", "sigmoid", "tanh" or "identity",
            or one that `clearprop.register_activation` made known.
        optimizer: "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion", "muon",
            or a table with settings: {"name": "adam", "beta1": 0.8}. Lion and Muon want learning
            rates of their own: a tenth of Adam's, and ten times as much (0.02).
        learning_rate: the (highest) learning rate.
        loss: "cross_entropy", "sigmoid_cross_entropy" or "squared_error", or one that
            `clearprop.register_loss` made known; None takes the task's own: for classes, labels
            and values in this order.
        output: the output activation, where task and loss leave a choice: under "squared_error"
            classes may stand on "identity", "sigmoid" or "softmax".
        batch_norm: normalize every hidden dense layer over the batch.
        dropout: rate on hidden dense layers, one for all or one for each.
        input_dropout: rate on the inputs.
        noise: deviation of the Gaussian noise that is added before hidden activations while
            training, one for all or one for each.
        input_noise: deviation of the Gaussian noise on the (prepared) inputs.
        l1: λ of the penalty λ·Σ|W|.
        l2: λ of the penalty λ/2·ΣW².
        lmbda: λ of Nielsen's book, l2 times the number of training rows; instead of `l2`.
        clip_norm: the largest norm of the gradient; 0 leaves it alone.
        max_norm: the largest norm of a unit's incoming weights, kept after every step (3 is
            usual beside dropout); 0 is off.
        moving_average: decay of the averaged weights that evaluation uses; 0 is off.
        label_smoothing: ε of label smoothing.
        adversarial: ε of adversarial training: every row is learned from where it is and ε away,
            where the loss grows fastest; about two steps' time; 0 is off.
        deformation: of the pictures, fresh at every step, as {"rotation": 10, "shift": 1}: see
            `clearprop.network.Deformation`. The rows must be pictures of uint8.
        schedule: None, "cosine", "exponential", "inverse_time", "linear", "one_cycle",
            "step", "warm_up", "warm_up_cosine", or a table with settings; times are in epochs. Or
            a list of such parts, each but the last with `for`, the epochs that it lasts.
        initializer: None (He for rectifiers, else Glorot) or "he_normal", "he_uniform",
            "glorot_normal", "glorot_uniform", "lecun_normal", "lecun_uniform",
            "orthogonal" (gain 1), "standard_normal" or "uniform".
        pictures: how uint8 pictures are redrawn before all else, in training and whenever the
            model is asked: a list of "deslant" (sheared until upright), "center" (the center of
            mass to the middle) and {"name": "width", "pixels": 16} (the ink of one width).
        preparation: "unit" takes uint8 pixels as x/255, and floats as they are; "standardize" gives
            training rows a mean of 0 and a deviation of 1: all pixels alike, and each column of
            rows of floats by itself.
        engine: "numpy", "jax", or "auto" (chosen from the job's size, see `chosen`).
        gradients: "auto" or "derived" (the hand-derived ones, also under JAX).
        precision: "float32" or "float64".
        seed: every random draw follows from it.

    Raises:
        SettingError: a setting that does not exist or does not fit.

    Attributes:
        asked: how it was asked for.
        chosen: the engine of the last fit and why it was chosen; None before.
        decided: its task, and why it is that.
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
        self._begin_as(*asked(layers, settings))

    def _begin_as(self, wanted: Asked, card: Card) -> None:
        self.asked, self._card = wanted, card
        self.chosen: Chosen | None = None
        self.history: History | None = None
        self.decided = Decided(card.network.task, "until the targets are known")
        self._has_met = self._learned_here = False
        # Made when it is first wanted: one that only answers needs no optimizer's memory.
        self._position: Position | None = None
        self._brought: Tensors | None = None

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
        made._begin_as(taken_up(card, engine), card)
        made.decided = Decided(card.network.task, "the file says so")
        made._has_met, made._brought = True, tensors
        return made

    @property
    def network(self) -> Network:
        """The architecture, and what it is asked for, as plain data."""
        return self._card.network

    @property
    def settings(self) -> Training:
        """The training settings, with the epochs and the batch size of the last fit."""
        return self._card.training

    @property
    def inputs(self) -> Inputs:
        """What one input is, and how it becomes the numbers that the network takes."""
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
        """What it is asked for: "classes", "labels" or "values"; see `decided` for why."""
        return self.network.task

    @property
    def answer(self) -> Answer:
        """What an answer is: "one" of a few, "several" of them, or "numbers"."""
        return self.network.asked.answer(self.network.outputs)

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
        """Loss and metrics on the validation rows, at the weights that stand; empty without."""
        return dict(self._card.metrics)

    @property
    def start(self) -> Start:
        """Where the model stands, as `model.fitting` takes it."""
        return Start(self.asked, self._card, self._has_met, self.position)

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
        """Learn from rows; called again, go on from there under a fresh schedule.

        Args:
            x: a split (as `datasets.load("mnist").train`), or inputs (n, features) or (n,
                height, width): uint8 pixels, or floats.
            y: class numbers or names (n,), or one-hot rows; rows of 0 and 1 (n, labels); or real
                numbers (n,) or (n, columns). None with a split.
            validation_data: a split, a pair (x, y) or a triple (x, y, weights), to be measured
                after every epoch.
            validation_split: a share of the rows, or how many of them, to be held out and measured
                after every epoch; the seed chooses them.
            epochs: how many times every row is visited.
            steps: how many updates are made, in place of `epochs`; the last epoch may be a part.
            batch_size: rows a step.
            classes: the names of all classes or labels, in the order of the outputs, where these
                rows do not show all of them.
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
                where a callback keeps the best. A second Ctrl-C does not wait for the step: only
                what a callback kept is then left of this fit.
        """
        lesson = Lesson(
            x, y, validation_data, validation_split, classes, class_weight, sample_weight, epochs,
            steps, batch_size, callbacks,
        )  # fmt: skip
        made = fitting(self.start, lesson)
        self.chosen = made.chosen
        position, history = made.fit.run()
        self.keep(made, position)
        if made.fit.ended_by:
            raise made.fit.ended_by
        return history

    def keep(self, made: Fitting, position: Position) -> None:
        """Take over what a fit of this model has come to.

        Args:
            made: its fit, which has run.
            position: where the fit ended.
        """
        fit, history = made.fit, made.fit.history
        self.history, self._position, self._brought = history, position, None
        self.chosen = made.chosen
        if not self._has_met:
            self.decided = made.met.decided
        self._has_met = self._learned_here = True
        metrics = self._card.metrics
        if fit.position.steps != position.steps:
            # Of the last epoch that was finished, or of the one that a callback put back.
            metrics = history.of_validation((history.best_epoch or 0) - 1)
        self._card = msgspec.structs.replace(made.card, metrics=metrics)

    def evaluate(self, x: Any, y: Any = None, *, sample_weight: Any = None) -> Evaluation:
        """Return loss and metrics on a split, or on inputs and targets.

        Args:
            x: as for `fit`.
            y: as for `fit`.
            sample_weight: a weight for each row (n,).
        """
        one = raw_rows(x, y, self.inputs, self.settings.dtype, sample_weight)
        network = asked_of(self.start, one)
        known = self.targets if self._has_met else network.asked.unnamed(network.outputs)
        rows = rows_of(network, self.inputs, known, one)
        logits = self._answers(rows.x)
        return evaluate_logits(network, logits, rows.y, known, rows.weight)

    def predict(self, x: Any) -> np.ndarray:
        """Return the answer to each input.

        Of classes it is the label (n,), as the training rows call it: a whole number where all of
        `classes` are such, else the name. Of labels it is 1 for yes and 0 for no (n, labels), and
        of a single one its answer, like a class. Of values it is the numbers, in their own units
        (n, columns), or (n,) of a single column.

        Args:
            x: inputs as for `fit`; a single one may be given without its first axis.
        """
        return self.network.asked.predicted(self.logits(x), self.targets)

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the output activations (n, outputs): probabilities under softmax and sigmoid.

        Raises:
            SettingError: the outputs are values, which have no probabilities.
        """
        if self.answer == "numbers":
            raise SettingError("real numbers have no probabilities; predict returns them")
        return outputs(np, self.network, self.logits(x))

    def hidden(self, x: Any) -> np.ndarray:
        """Return what the last hidden layer hands on for each input (n, units).

        Args:
            x: inputs as for `predict`. A network without hidden layers hands them on, prepared.
        """
        dtype = self.settings.dtype
        x = prepare(np, self.redrawn(x), self.inputs.preparation, np.dtype(dtype))
        return hidden(np, self.network, *self._state(), x)

    def redrawn(self, x: Any) -> np.ndarray:
        """Return inputs as the network sees them before they become numbers (n, features).

        Args:
            x: inputs as for `predict`. Without `pictures` they come back as they are.
        """
        return inputs_of(x, self.network, self.inputs, self.settings.dtype)

    def logits(self, x: Any) -> np.ndarray:
        """Return the result of the last layer before its activation (n, outputs).

        Args:
            x: inputs as for `predict`.
        """
        return self._answers(self.redrawn(x))

    def _answers(self, x: np.ndarray) -> np.ndarray:
        name = self.chosen.name if self.chosen else self.asked.engine
        engine = make("numpy" if name == "auto" else name)
        check_layers(engine.name, self.network)
        preparation, dtype = self.inputs.preparation, self.settings.dtype
        return engine.logits(self.network, self._state(), x, preparation, dtype)

    def _state(self) -> tuple[Tensors, Tensors]:
        """Return the (params, stats) that evaluation uses, themselves and no copies."""
        if self._brought is None:
            return evaluated_state(self.position.state)
        found = self._brought
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
            if self._brought is None:
                params = initial_parameters(network, training.seed, training.dtype)
                stats = initial_statistics(network, training.dtype)
            else:
                params, stats = self._state()
            state = initial_state(np, program(network, training), params, stats)
            self._position, self._brought = Position(state, epochs=self._card.epochs), None
        return self._position

    @property
    def epochs(self) -> int:
        """How many epochs are behind the weights, in all fits; one cut short by `steps` counts."""
        return self._card.epochs if self._position is None else self._position.epochs

    def resume(self, position: Position) -> None:
        """Take up where a model of this network and optimizer had come; `fit` goes on from there.

        Args:
            position: its state, steps and epochs, as a checkpoint holds them.

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
