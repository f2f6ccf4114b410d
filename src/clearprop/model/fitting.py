"""A fit before it runs: rows, settings and engine, and what the model will know after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.data.batches import batches
from clearprop.data.splits import held_out
from clearprop.engines import Chosen, check_layers, choose, make
from clearprop.errors import SettingError
from clearprop.inputs import Inputs, Preparation, Range
from clearprop.model.asked import Asked, training_for
from clearprop.network import Network, Rows, Training, program, work
from clearprop.network.deformation import sized
from clearprop.storage import Card
from clearprop.tasks import AUTO, Decided, Read, Targets, decided
from clearprop.tasks.matching import listed
from clearprop.training import Callback, Fit, Position, Seat, epochs_of
from clearprop.training.raw_rows import RawRows, pair, raw_rows
from clearprop.training.rows import (
    check_deformable,
    check_features,
    check_varied,
    contiguous,
    rows_of,
    seen,
)
from clearprop.training.weights import row_weights


class Lesson(NamedTuple):
    """What a model shall learn, and how long; see `MLP.fit`."""

    x: Any
    y: Any = None
    validation_data: Any = None
    validation_split: float | int = 0
    classes: Sequence[str] | None = None
    class_weight: Mapping[Any, float] | str | None = None
    sample_weight: Any = None
    epochs: int = 5
    steps: int | None = None
    batch_size: int = 128
    callbacks: Sequence[Callback] = ()


class Start(NamedTuple):
    """Where a model stands before a fit.

    Attributes:
        asked: how it was asked for.
        card: what it is, and knows of its rows.
        has_met: whether rows have named its outputs.
        position: its state, and the steps and epochs behind it.
    """

    asked: Asked
    card: Card
    has_met: bool
    position: Position


class Met(NamedTuple):
    """Rows as a fit takes them, and what a model knows once it has met them.

    Attributes:
        card: the model's, after them.
        decided: which task it is, and why.
        rows: to learn from.
        validation: to be measured after every epoch; None for none.
        shape: of one input as it was given.
    """

    card: Card
    decided: Decided
    rows: Rows
    validation: Rows | None
    shape: tuple[int, ...]


class Fitting(NamedTuple):
    """A fit that is about to be run, what it was made of, and on which engine."""

    fit: Fit
    met: Met
    chosen: Chosen

    @property
    def card(self) -> Card:
        """What the model's card is with these rows and settings, before it learns from them."""
        return msgspec.structs.replace(self.met.card, training=self.fit.training)


def fitting(
    start: Start,
    lesson: Lesson,
    *,
    seat: Seat | None = None,
    networks: int = 1,
    beside: Fitting | None = None,
) -> Fitting:
    """Return the fit that a model is asked for.

    Args:
        start: where the model stands.
        lesson: what it shall learn.
        seat: the network's place among others that are trained with it.
        networks: how many they are together.
        beside: the fit of the first of them, whose rows this one takes too.

    Raises:
        DataError: rows that cannot be learned from.
        SettingError: a setting that does not fit.
    """
    met = _alike(start, beside.met) if beside else meet(start, lesson)
    card, rows, steps = met.card, met.rows, lesson.steps
    count = len(rows.x)
    training = training_for(
        start.asked,
        card.training,
        count,
        deformation=sized(card.training.deformation, met.shape),
        epochs=lesson.epochs if steps is None else 0,
        batch_size=lesson.batch_size,
    )
    if steps is not None:
        epochs = epochs_of(steps, count, training.batch_size)
        training = msgspec.structs.replace(training, epochs=epochs)
    plan = program(card.network, training).deformation
    check_deformable(rows.x.reshape(-1, *met.shape), plan)
    chosen = _chosen(start.asked.engine, card, networks, count, training, steps)
    fit = Fit(
        make(chosen.name), card.network, training, card.inputs, card.targets, start.position, rows,
        met.validation, lesson.callbacks, steps, seat,
    )  # fmt: skip
    return Fitting(fit, met, chosen)


def _alike(start: Start, first: Met) -> Met:
    """Return what the first of several models has met, for another that learns beside it."""
    card = msgspec.structs.replace(
        start.card,
        network=_under(start, first.decided),
        inputs=first.card.inputs,
        targets=first.card.targets,
    )
    return first._replace(card=card)


def meet(start: Start, lesson: Lesson) -> Met:
    """Return rows as a fit takes them: the first ones decide the task, and name the outputs.

    Raises:
        DataError: rows that cannot be learned from.
        SettingError: weights, names or a share of validation rows that do not fit.
    """
    card, dtype = start.card, start.card.training.dtype
    one = raw_rows(lesson.x, lesson.y, card.inputs, dtype, lesson.sample_weight)
    check_features(one.images, card.network)
    check_varied(one)
    what = _decided(start, one)
    network = _under(start, what)
    train, rest = _divided(one, lesson, card.training.seed)
    images, inputs = _first_seen(start, train)
    read = _read(start, network, one, train, lesson.classes)
    weight = row_weights(read.y, read.targets, lesson.class_weight, train.weight)
    if lesson.validation_data is not None:
        x, y, of_rows = pair(lesson.validation_data)
        rest = raw_rows(x, y, inputs, dtype, of_rows)
    return Met(
        card=msgspec.structs.replace(card, network=network, inputs=inputs, targets=read.targets),
        decided=what,
        rows=Rows(contiguous(images, dtype), read.y, weight),
        validation=None if rest is None else rows_of(network, inputs, read.targets, rest),
        shape=train.images.shape[1:],
    )


def asked_of(start: Start, one: RawRows) -> Network:
    """Return a model's network under the task that these rows ask of it."""
    return _under(start, _decided(start, one))


def _decided(start: Start, one: RawRows) -> Decided:
    network, wanted = start.card.network, start.asked.task
    if start.has_met or wanted != AUTO:
        return Decided(network.task, "it was asked for")
    if one.task and not (one.task == "classes" and network.outputs == 1):
        return Decided(one.task, "the rows say so")
    words = start.asked.words
    return decided(one.y, network.outputs, words.get("loss"), str(words.get("output") or ""))


def _under(start: Start, what: Decided) -> Network:
    """Return the network under the task that was decided on."""
    network = start.card.network
    return network if network.task == what.name else start.asked.network(what.name)


def _divided(one: RawRows, lesson: Lesson, seed: int) -> tuple[RawRows, RawRows | None]:
    """Return the rows to learn from, and those that are held out of them."""
    if not lesson.validation_split:
        return one, None
    if lesson.validation_data is not None:
        raise SettingError("give validation_data or validation_split, not both")
    chosen = held_out(len(one.images), lesson.validation_split, seed)
    return one.of(~chosen), one.of(chosen)


def _first_seen(start: Start, train: RawRows) -> tuple[np.ndarray, Inputs]:
    """Return training rows as they are redrawn, and what is known of inputs after them."""
    inputs, network, own = start.card.inputs, start.card.network, train.images.shape[1:]
    # Flat rows that come later are pictures of the sides that are known.
    is_known = start.has_met and inputs.pictures and inputs.sides
    if len(network.input_shape) == 1 and not is_known:
        inputs = msgspec.structs.replace(inputs, shape=own)
    if start.has_met:
        # What the first rows decided stays: the weights have grown used to it.
        return seen(inputs, train.images), inputs
    images = inputs.redrawn(train.images)
    return images, msgspec.structs.replace(
        inputs,
        preparation=Preparation.of(start.asked.preparation, images),
        reading=train.reading or inputs.reading,
        range=Range.of(train.images),
    )


def _read(
    start: Start, network: Network, one: RawRows, train: RawRows, names: Sequence[str] | None
) -> Read:
    """Return the targets to learn from: names that all rows show, moments of these alone."""
    task, outputs = network.asked, network.outputs
    known = start.card.targets if start.has_met else None
    if names is not None:
        known = _named_ahead(start, network, names)
    found = task.read(one.y, one.names, known, outputs)
    if train is one:
        return found
    return task.read(train.y, train.names, None if found.targets.means else found.targets, outputs)


def _named_ahead(start: Start, network: Network, classes: Sequence[str]) -> Targets:
    if isinstance(classes, str):
        raise SettingError(f"fit(classes=...) is {classes!r}; give a list of names")
    names = tuple(map(str, classes))
    if network.task == "values":
        raise SettingError("fit(classes=[...]) is for classes and labels; these are values")
    if start.has_met and names != start.card.targets.names:
        raise SettingError(
            f"the outputs have names already: {listed(start.card.targets.names)}; leave classes "
            "away, or make a new model"
        )
    made = Targets(names)
    if network.asked.fault_of(made, network.outputs):
        wanted = len(network.asked.unnamed(network.outputs).names)
        raise SettingError(
            f"fit(classes=[...]) has {len(names)} names, but {network.task} of {network.outputs} "
            f"outputs take {wanted}"
        )
    return made


def _chosen(
    engine: str, card: Card, networks: int, rows: int, training: Training, steps: int | None
) -> Chosen:
    visits = rows * training.epochs
    if steps is None:
        steps = batches(rows, training.batch_size) * training.epochs
    visits = min(visits, steps * training.batch_size)
    times = networks * training.passes
    found = choose(engine, visits=times * visits, steps=times * steps, work=work(card.network))
    check_layers(found.name, card.network)
    return found
