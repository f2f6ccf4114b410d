"""`MLP`: a network, its settings, its data's shape and its engine, in one object.

A facade: everything it does is done by the plain functions of the floors below.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from numbers import Real
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from clearprop.data import Split
from clearprop.data.arrays import Reading
from clearprop.engines import Chosen, Engine, check_layers, choose, make
from clearprop.errors import SettingError, known
from clearprop.model.card import Brought, adopt, card_of
from clearprop.model.fitting import fitting, learned, split_for
from clearprop.network import (
    Deformation,
    Preparation,
    Training,
    build_pictures,
    hidden,
    initial_parameters,
    initial_state,
    initial_statistics,
    outputs,
    prepare,
    program,
    summary,
)
from clearprop.network.batch import PREPARATIONS
from clearprop.network.build import build_network, build_training
from clearprop.storage import Card, write
from clearprop.training import (
    Callback,
    Evaluation,
    History,
    Position,
    evaluate_logits,
    evaluated_state,
)
from clearprop.training.inputs import taken
from clearprop.training.intake import inputs_of, rows_of


class MLP:
    """A multilayer perceptron.

    Args:
        layers: sizes from the inputs to the outputs, for example [784, 128, 64, 10]. The first may
            be the shape of an input, as (28, 28); between the first and the last may stand other
            layers, by their names or as tables: "scale", "layer_norm",
            {"name": "residual", "layers": [128, 128]}, or one that `clearprop.register_layer`
            made known. A layer given as an object says everything itself; what a number or a table
            does not say is as the settings below say.
        activation: of the dense layers, one for all or one for each: "relu", "leaky_relu",
            "elu", "gelu", "silu", "softplus", "sigmoid", "tanh" or "identity",
            or one that `clearprop.register_activation` made known.
        optimizer: "sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw", "lion", "muon",
            or a table with settings: {"name": "adam", "beta1": 0.8}. Lion and Muon want learning
            rates of their own: a tenth of Adam's, and ten times as much (0.02).
        learning_rate: the (highest) learning rate.
        loss: "cross_entropy", "sigmoid_cross_entropy" or "squared_error".
        output: the output activation, where the loss leaves a choice: "squared_error" stands
            on "identity", "sigmoid" or "softmax".
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
        preparation: of uint8 pixels: "unit" (x/255) or "standardize" (training rows' mean 0
            and deviation 1). Floating inputs are taken as already prepared.
        engine: "numpy", "jax", or "auto" (chosen from the job's size, see `chosen`).
        gradients: "auto" or "derived" (the hand-derived ones, also under JAX).
        dtype: "float32" or "float64".
        seed: every random draw follows from it.

    Raises:
        SettingError: a setting that does not exist or does not fit.

    Attributes:
        network: the architecture, as plain data.
        chosen: the engine of the last fit and why it was chosen; None before.
        classes: the names of the outputs.
        preparation: how uint8 inputs become numbers; None where it learned from floats.
        pictures: the steps that redraw them before that.
        input_shape: the shape of one input.
        history: of the last fit; None before.
        dataset: the name of the data a loaded model learned from, or "".
        validation_accuracy: at the weights that stand; None without validation rows.
        reading: how a picture of one's own becomes an input: "digit", "garment" or "picture".
    """

    def __init__(
        self,
        layers: Sequence[Any],
        *,
        activation: str | Sequence[str] = "relu",
        optimizer: str | Mapping = "adam",
        learning_rate: float = 1e-3,
        loss: str = "cross_entropy",
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
        dtype: str = "float32",
        seed: int = 0,
    ) -> None:
        self.network = build_network(
            layers, activation, loss, output, batch_norm, dropout, input_dropout, initializer,
            noise, input_noise,
        )  # fmt: skip
        self._training = build_training(
            optimizer, schedule, learning_rate=learning_rate, l1=l1, l2=l2, clip_norm=clip_norm,
            moving_average=moving_average, label_smoothing=label_smoothing, gradients=gradients,
            deformation=deformation, dtype=dtype, seed=seed, max_norm=max_norm,
            adversarial=adversarial,
        )  # fmt: skip
        known("preparation", preparation, PREPARATIONS)
        if lmbda is not None and l2:
            raise SettingError("give l2 or lmbda, not both: lmbda is l2 times the training rows")
        if lmbda is not None and not (isinstance(lmbda, Real) and 0.0 <= lmbda < math.inf):
            raise SettingError(f"lmbda is {lmbda!r}; it must be a number from 0 up")
        choose(engine, visits=1, steps=1, work=1)
        program(self.network, self._training)
        self._wanted, self._lmbda, self._kind = engine, lmbda, preparation
        self.classes = tuple(str(k) for k in range(self.network.classes))
        self.preparation: Preparation | None = Preparation()
        self.pictures = build_pictures(pictures)
        self.input_shape: tuple[int, ...] = self.network.input_shape
        self.chosen: Chosen | None = None
        self._made_with: dict[str, str] | None = {}
        self._engine: Engine | None = None
        self.validation_accuracy: float | None = None
        self.history: History | None = None
        self.dataset, self._named = "", False
        self.reading: Reading = "digit"
        # Made when it is first wanted: one that only answers needs no optimizer's memory.
        self._position: Position | None = None
        self._brought: Brought | None = None

    def _begin(self) -> Position:
        network, training = self.network, self._training
        if self._brought is None:
            params = initial_parameters(network, training.seed, training.dtype)
            stats = initial_statistics(network, training.dtype)
        else:
            params, stats = self._brought.params, self._brought.stats
        state = initial_state(np, program(network, training), params, stats)
        return Position(state, epochs=self._brought.epochs if self._brought else 0)

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        validation_data: Any = None,
        epochs: int = 5,
        steps: int | None = None,
        batch_size: int = 128,
        class_weight: Mapping[int, float] | str | None = None,
        sample_weight: Any = None,
        callbacks: Sequence[Callback] = (),
    ) -> History:
        """Learn from rows; called again, go on from there under a fresh schedule.

        Args:
            x: a split (as `datasets.load("mnist").train`), or inputs (n, features) or (n,
                height, width): uint8 pixels, or floats that are already prepared.
            y: labels (n,), or targets (n, outputs); None with a split.
            validation_data: a split or a pair (x, y) to be measured after every epoch.
            epochs: how many times every row is visited.
            steps: how many updates are made, in place of `epochs`; the last epoch may be a part.
            batch_size: rows a step.
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
        made = fitting(
            self, x, y, validation_data, epochs=epochs, steps=steps, batch_size=batch_size,
            class_weight=class_weight, sample_weight=sample_weight, callbacks=callbacks,
        )  # fmt: skip
        position, history = made.fit.run()
        learned(self, made, position)
        if made.fit.ended_by:
            raise made.fit.ended_by
        return history

    def evaluate(self, x: Any, y: Any = None) -> Evaluation:
        """Return loss and accuracy on a split, or on inputs and labels."""
        split, targets = split_for(self, x, y)
        rows = rows_of(split, targets, pictures=self.pictures, shape=self.input_shape)
        return evaluate_logits(self.network, self._logits(rows.x), rows.y)

    def predict(self, x: Any) -> np.ndarray:
        """Return the class number of each input (n,); `classes` has the names.

        Args:
            x: inputs as for `fit`; a single one may be given without its first axis.
        """
        return np.argmax(self._logits(self._inputs(x)), axis=-1)

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the output activations (n, outputs), which softmax makes probabilities."""
        return outputs(np, self.network, self._logits(self._inputs(x)))

    def hidden(self, x: Any) -> np.ndarray:
        """Return what the last hidden layer hands on for each input (n, units).

        Args:
            x: inputs as for `predict`. A network without hidden layers hands them on, prepared.
        """
        dtype = np.dtype(self._training.dtype)
        x = prepare(np, self._inputs(x), self.preparation or Preparation(), dtype)
        return hidden(np, self.network, *self._answering(), x)

    def _inputs(self, x: Any) -> np.ndarray:
        x = taken(x, self.preparation, self._training.dtype)
        return inputs_of(x, self.network, self.input_shape, self.pictures)

    def redrawn(self, x: Any) -> np.ndarray:
        """Return inputs as the network sees them before they become numbers (n, features).

        Args:
            x: inputs as for `predict`. Without `pictures` they come back as they are.
        """
        return self._inputs(x)

    def _logits(self, x: np.ndarray) -> np.ndarray:
        if self._engine is None:
            name = "numpy" if self._wanted == "auto" else self._wanted
            check_layers(name, self.network)
            self._engine = make(name)
        preparation, dtype = self.preparation or Preparation(), self._training.dtype
        return self._engine.logits(self.network, self._answering(), x, preparation, dtype)

    def _answering(self) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
        """Return the (params, stats) that evaluation uses, themselves and no copies."""
        if self._brought is not None:
            return self._brought.params, self._brought.stats
        return evaluated_state(self.position.state)

    @property
    def parameters(self) -> dict[str, np.ndarray]:
        """A copy of the parameters that evaluation uses, by name."""
        params, _ = self._answering()
        return {name: value.copy() for name, value in params.items()}

    @property
    def statistics(self) -> dict[str, np.ndarray]:
        """A copy of the running statistics, by name."""
        _, stats = self._answering()
        return {name: value.copy() for name, value in stats.items()}

    @property
    def settings(self) -> Training:
        """The training settings, with the epochs and the batch size of the last fit."""
        return self._training

    @property
    def position(self) -> Position:
        """The state, and the steps and epochs behind it; what `resume` takes."""
        if self._position is None:
            self._position, self._brought = self._begin(), None
        return self._position

    @property
    def epochs(self) -> int:
        """How many epochs are behind the weights, in all fits; one cut short by `steps` counts."""
        return self.position.epochs if self._brought is None else self._brought.epochs

    def resume(self, position: Position) -> None:
        """Take up where a model of this network and optimizer had come; `fit` goes on from there.

        Args:
            position: its state, steps and epochs, as a checkpoint holds them.

        Raises:
            SettingError: the state is of another network, optimizer or precision.
        """
        for mine, given in zip(self.position.state, position.state, strict=True):
            if _outline(mine) != _outline(given):
                raise SettingError(
                    "the state to resume from is of another network, optimizer or precision; "
                    "make the model with the settings that it was made with"
                )
        self._position = position

    def __repr__(self) -> str:
        sizes = "-".join(map(str, self.network.sizes))
        return f"<MLP {sizes}, {self.network.loss}, {self.epochs} epochs learned>"

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
        card = self.card()
        if dataset is not None:
            card = msgspec.structs.replace(card, dataset=dataset)
        params, stats = self._answering()
        return write(path, card, {**params, **stats})

    def card(self, rows: Split | None = None) -> Card:
        """Return what a model file says beside the parameters.

        Args:
            rows: those of a fit that is about to begin: how it will take inputs and name classes.
        """
        return card_of(self, rows)


def _outline(arrays: dict[str, np.ndarray]) -> dict[str, tuple]:
    return {name: (array.shape, array.dtype) for name, array in arrays.items()}


def built(card: Card, tensors: dict[str, np.ndarray], engine: str = "numpy") -> MLP:
    """Return the model that a card describes; its weights are the tensors themselves."""
    network = msgspec.to_builtins(card.network)
    shape, layers = network.pop("input_shape"), network.pop("layers")
    model = MLP([shape, *layers], engine=engine, loss=card.network.loss)
    adopt(model, card, tensors)
    return model
