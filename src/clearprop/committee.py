"""`Committee`: several trained networks that answer as one model.

Networks that were trained alike make different mistakes, and the average of their probabilities
makes fewer than each of them. The same holds for one network that looks at a picture several
times (`views`).
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from clearprop.data.views import Views
from clearprop.errors import DataError, SettingError
from clearprop.inputs import Inputs
from clearprop.maths.temperature import log_tempered, tempered
from clearprop.model import MLP
from clearprop.network import count, targets
from clearprop.storage import CommitteeCard, write_committee
from clearprop.storage.committee_file import MOST_MEMBERS, fault
from clearprop.tasks import Answered, Targets, in_words
from clearprop.tasks.matching import answers
from clearprop.tasks.task import Answer
from clearprop.training import Evaluation
from clearprop.training.calibration import best_temperature
from clearprop.training.raw_rows import raw_rows
from clearprop.training.rows import check_features, inputs_of

# Rows that all members answer before the next ones: a multiple of every engine's own chunk.
ROWS = 2048


class Committee:
    """Several trained networks, whose averaged probabilities are the answer.

    With members k = 1 ... K, looked at in V views v, the probabilities of a picture are

        p = 1/(K·V)·Σ_k Σ_v softmax(z_k(v)/T).

    Args:
        models: the members: of any sizes, preparations and engines, but with the same classes,
            the same shape of inputs and the same reading of pictures, and with softmax outputs.
        temperature: T; 1 changes nothing. See `fit_temperature`.
        views: ways to look at a picture beside as it is; None for none. Each costs as much as
            the first.

    Raises:
        SettingError: members that do not fit together, or a temperature or views out of range.

    Attributes:
        members: the networks, in the order in which they were given.
        temperature: T.
        views: the views, or None.
    """

    def __init__(
        self, models: Sequence[MLP], temperature: float = 1.0, views: Views | None = None
    ) -> None:
        self.members = _checked(models)
        if views is not None and not isinstance(views, Views):
            raise SettingError(f"views are {views!r}; give them as Views(count=8)")
        self.temperature, self.views = temperature, views
        card = self._card()
        if wrong := fault(card):
            raise SettingError(f"the committee {wrong}")
        self.temperature = card.temperature

    @classmethod
    def of(
        cls, card: CommitteeCard, members: Sequence[dict[str, np.ndarray]], engine: str = "numpy"
    ) -> Committee:
        """Return the committee that a card describes; its weights are the tensors themselves."""
        made = zip(card.members, members, strict=True)
        return cls([MLP.of(*one, engine) for one in made], card.temperature, card.views)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the outputs."""
        return self.members[0].classes

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one input."""
        return tuple(self.members[0].input_shape)

    @property
    def inputs(self) -> Inputs:
        """What one input is; each member redraws and prepares it in its own way."""
        # One that learned from floats is the strictest about whole numbers.
        strictest = max(self.members, key=lambda member: member.inputs.trained_on_floats)
        return msgspec.structs.replace(strictest.inputs, pictures=())

    @property
    def targets(self) -> Targets:
        """What the outputs stand for."""
        return self.members[0].targets

    @property
    def answer(self) -> Answer:
        """What an answer is: one of a few."""
        return self.members[0].answer

    @property
    def task(self) -> str:
        """What the members are asked for."""
        return self.members[0].task

    @property
    def dataset(self) -> str:
        """The name of the data that all members learned from; "" where they differ."""
        names = {member.dataset for member in self.members}
        return names.pop() if len(names) == 1 else ""

    def predict(self, x: Any) -> np.ndarray:
        """Return the label of each input (n,): a whole number where all are such, else its name.

        Args:
            x: inputs as for `MLP.predict`; with views uint8 pictures.
        """
        return answers(np.argmax(self._log_probabilities(self._inputs(x)), axis=-1), self.classes)

    def predict_proba(self, x: Any) -> np.ndarray:
        """Return the averaged probabilities (n, outputs).

        Args:
            x: inputs as for `MLP.predict`; with views uint8 pictures.

        Raises:
            DataError: inputs that do not fit, or that are no uint8 pictures where there are views.
        """
        return np.concatenate([self._averaged(part) for part in _parts(self._inputs(x))])

    def evaluate(self, x: Any, y: Any = None, *, sample_weight: Any = None) -> Evaluation:
        """Return loss and metrics on a split, or on inputs and labels.

        The loss is the negative log-likelihood of the averaged probabilities, -mean log p_label,
        whatever loss the members learned by.
        """
        images, wanted, weight = self._rows(x, y, sample_weight)
        logs = self._log_probabilities(images)
        share = np.full(len(logs), 1.0 / len(logs)) if weight is None else weight / weight.sum()
        loss = float(np.sum(share * -np.sum(wanted * logs, axis=-1)))
        counted = np.ones(len(logs)) if weight is None else weight
        # Where outputs are not finite neither are the metrics; a warning would add nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            answered = Answered(logs, np.exp(logs), "softmax", wanted, counted)
            metrics = self.members[0].network.task_type.metrics(answered, self.targets)
        return Evaluation(loss, metrics, len(logs))

    def fit_temperature(self, x: Any, y: Any = None) -> float:
        """Set the temperature that makes the labels of these rows most likely, and return it.

        It changes how confident the predictions are. The predicted class stays the same for one
        member in one view; with more, confident ones then count for less or for more. The logits
        of all members in all views are held in memory meanwhile.

        Args:
            x: validation rows that no member has learned from: a split, or inputs. On rows that
                some have learned from, predictions are too good, and T comes out too low.
            y: labels; None with a split.

        Raises:
            DataError: rows that do not fit, or for which no temperature is the best.
        """
        images, wanted, _ = self._rows(x, y)
        logits = [np.stack(list(self._answers(part))) for part in _parts(images)]
        self.temperature = best_temperature(np.concatenate(logits, axis=1), wanted)
        return self.temperature

    def _inputs(self, x: Any) -> np.ndarray:
        first = self.members[0]
        return self._shaped(inputs_of(x, first.network, self.inputs, first.settings.dtype))

    def _rows(
        self, x: Any, y: Any, weight: Any = None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Return images, a row of targets for each of them, and their weights."""
        network, dtype = self.members[0].network, self.members[0].settings.dtype
        one = raw_rows(x, y, self.inputs, dtype, weight)
        check_features(one.images, network)
        read = network.task_type.read(one.y, one.names, self.targets, network.outputs)
        wanted = targets(np, network, read.y, np.dtype(np.float64))
        return self._shaped(one.images), wanted, one.weight

    def _shaped(self, images: np.ndarray) -> np.ndarray:
        if self.views is not None and images.dtype != np.uint8:
            raise DataError(
                f"views are of uint8 pictures, and these inputs are {images.dtype}: give pixels "
                "from 0 to 255, or make the committee without views"
            )
        return images.reshape(len(images), *self.input_shape)

    def _answers(self, images: np.ndarray) -> Iterator[np.ndarray]:
        """Return the logits of every member in every view, one after another."""
        for view in [images] if self.views is None else self.views.of(images):
            for member in self.members:
                yield member.logits(view)

    def _averaged(self, images: np.ndarray) -> np.ndarray:
        total, answers, kinds = np.zeros(()), 0, set()
        for logits in self._answers(images):
            total, answers = total + tempered(np, logits, self.temperature), answers + 1
            kinds.add(logits.dtype)
        return (total / answers).astype(np.result_type(*kinds))

    def _log_probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return log p in double precision, finite also where p rounds to zero."""
        return np.concatenate([self._log_averaged(part) for part in _parts(images)])

    def _log_averaged(self, images: np.ndarray) -> np.ndarray:
        # Where outputs are not finite neither is p; a warning would add nothing.
        with np.errstate(over="ignore", invalid="ignore"):
            logs = (
                log_tempered(np, logits.astype(np.float64), self.temperature)
                for logits in self._answers(images)
            )
            return functools.reduce(np.logaddexp, logs) - np.log(self.answers)

    @property
    def answers(self) -> int:
        """How many answers are averaged: members times views."""
        return len(self.members) * (1 if self.views is None else self.views.count)

    def __repr__(self) -> str:
        views = "" if self.views is None else f", {self.views.count} views"
        return f"<Committee of {len(self.members)}, temperature {self.temperature:.4g}{views}>"

    def summary(self) -> str:
        """Return a table of the members, and how their answers become one."""
        rows = [("member", "parameters", "epochs", "validation", "layers")]
        for k, member in enumerate(self.members):
            sizes, accuracy = (
                "-".join(map(str, member.network.sizes)),
                member.metrics.get("accuracy"),
            )
            shown = "" if accuracy is None else in_words("accuracy", accuracy)
            rows.append((str(k), f"{count(member.network):,}", str(member.epochs), shown, sizes))
        total = sum(count(member.network) for member in self.members)
        rows.append(("total", f"{total:,}", "", "", f"temperature: {self.temperature:.4g}"))
        lines = [f"{a:<7}{b:>12}{c:>8}{d:>12}  {e}".rstrip() for a, b, c, d, e in rows]
        return "\n".join([*lines, f"views: {self._views_in_words()}"])

    def _views_in_words(self) -> str:
        if self.views is None:
            return "the picture as it is"
        shift, rotation = self.views.shift, self.views.rotation
        return f"{self.views.count}, moved by up to {shift:g} pixels and turned by {rotation:g}°"

    def save(self, path: str | os.PathLike[str], *, dataset: str | None = None) -> Path:
        """Write a committee file: all members with all that prediction needs to know.

        Args:
            path: the file, by custom ending in .safetensors; one of that name is replaced.
            dataset: the name of the data that the members learned from; without it what each of
                them says.

        Raises:
            ModelFileError: the file cannot be written there.
        """
        card = self._card()
        if dataset is not None:
            named = (msgspec.structs.replace(one, dataset=dataset) for one in card.members)
            card = msgspec.structs.replace(card, members=tuple(named))
        return write_committee(path, card, [member.tensors for member in self.members])

    def _card(self) -> CommitteeCard:
        cards = tuple(member.card for member in self.members)
        return CommitteeCard(cards, self.temperature, self.views)


def _checked(models: Any) -> tuple[MLP, ...]:
    if isinstance(models, MLP | str) or not isinstance(models, Sequence):
        raise SettingError("give a list of models; a committee of one is Committee([model])")
    for k, model in enumerate(models):
        if not isinstance(model, MLP):
            raise SettingError(
                f"member {k} (counted from 0) is not an MLP but {type(model).__name__!r}: load "
                "model files first, and give the members of a committee, not the committee"
            )
    if not 1 <= len({id(model) for model in models}) == len(models) <= MOST_MEMBERS:
        raise SettingError(f"give from 1 to {MOST_MEMBERS:,} models, each of them once")
    return tuple(models)


def _parts(images: np.ndarray) -> list[np.ndarray]:
    return [images[first : first + ROWS] for first in range(0, len(images), ROWS)]
