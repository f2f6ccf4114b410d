"""A fit before it runs: its rows, settings and engine, and what the model learns about its data."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np

from clearprop.data.batches import batch_count
from clearprop.data.splits import held_out_mask
from clearprop.engines import Chosen, check_layers, choose, make
from clearprop.errors import SettingError
from clearprop.inputs import Inputs, Preparation, Range
from clearprop.model.requested import Requested, training_for
from clearprop.network import Network, Rows, Training, program, work
from clearprop.network.deformation import sized
from clearprop.storage import Card
from clearprop.tasks import AUTO, Decided, Read, Targets, decided
from clearprop.tasks.matching import listed
from clearprop.training import Callback, Fit, Position, SharedRun, epochs_of
from clearprop.training.raw_rows import RawRows, pair, raw_rows
from clearprop.training.rows import (
    check_deformable,
    check_features,
    check_varied,
    contiguous,
    redrawn_inputs,
    rows_of,
)
from clearprop.training.weights import row_weights


class FitArguments(NamedTuple):
    """The arguments of `MLP.fit`, as a value."""

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


class BeforeFit(NamedTuple):
    """A model before a fit.

    Attributes:
        requested: what the user requested.
        card: what it is, and knows of its rows.
        knows_targets: whether earlier rows have named its outputs.
        position: its state, and the steps and epochs it has trained for.
    """

    requested: Requested
    card: Card
    knows_targets: bool
    position: Position


class FitData(NamedTuple):
    """Rows as a fit takes them, and what a model knows once it has seen them.

    Attributes:
        card: the model's, after them.
        decided: the task, and why.
        rows: the training rows.
        validation: the validation rows; None without.
        shape: of one input as it was given.
    """

    card: Card
    decided: Decided
    rows: Rows
    validation: Rows | None
    shape: tuple[int, ...]


class PlannedFit(NamedTuple):
    """A fit that is about to run, its data, and its engine."""

    fit: Fit
    data: FitData
    chosen: Chosen

    @property
    def card(self) -> Card:
        """The model's card with these rows and settings, before it learns from them."""
        return msgspec.structs.replace(self.data.card, training=self.fit.training)


def plan_fit(
    start: BeforeFit,
    arguments: FitArguments,
    *,
    shared: SharedRun | None = None,
    networks: int = 1,
    beside: PlannedFit | None = None,
) -> PlannedFit:
    """Return the fit that `MLP.fit` runs.

    Args:
        start: the model.
        arguments: of `MLP.fit`.
        shared: the run that the network shares with others.
        networks: how many train together.
        beside: the fit of the first of them, whose rows this one shares.

    Raises:
        DataError: rows that cannot be learned from.
        SettingError: a setting that does not fit.
    """
    data = _same_data(start, beside.data) if beside else fit_data(start, arguments)
    card, rows, steps = data.card, data.rows, arguments.steps
    count = len(rows.x)
    training = training_for(
        start.requested,
        card.training,
        count,
        deformation=sized(card.training.deformation, data.shape),
        epochs=arguments.epochs if steps is None else 0,
        batch_size=arguments.batch_size,
    )
    if steps is not None:
        epochs = epochs_of(steps, count, training.batch_size)
        training = msgspec.structs.replace(training, epochs=epochs)
    plan = program(card.network, training).deformation
    check_deformable(rows.x.reshape(-1, *data.shape), plan)
    chosen = _chosen(start.requested.engine, card, networks, count, training, steps)
    fit = Fit(
        engine=make(chosen.name),
        network=card.network,
        training=training,
        inputs=card.inputs,
        targets=card.targets,
        position=start.position,
        rows=rows,
        validation=data.validation,
        callbacks=arguments.callbacks,
        steps=steps,
        shared=shared,
    )
    return PlannedFit(fit, data, chosen)


def _same_data(start: BeforeFit, first: FitData) -> FitData:
    """Return the data of the first of several models for another that learns beside it."""
    card = msgspec.structs.replace(
        start.card,
        network=_network_under(start, first.decided),
        inputs=first.card.inputs,
        targets=first.card.targets,
    )
    return first._replace(card=card)


def fit_data(start: BeforeFit, arguments: FitArguments) -> FitData:
    """Return rows as a fit takes them: the first ones decide the task, and name the outputs.

    Raises:
        DataError: rows that cannot be learned from.
        SettingError: weights, names or a share of validation rows that do not fit.
    """
    card, dtype = start.card, start.card.training.dtype
    one = raw_rows(arguments.x, arguments.y, card.inputs, dtype, arguments.sample_weight)
    check_features(one.images, card.network)
    check_varied(one)
    what = _decided(start, one)
    network = _network_under(start, what)
    train, rest = _divided(one, arguments, card.training.seed)
    images, inputs = _first_inputs(start, train)
    read = _read_targets(start, network, one, train, arguments.classes)
    weight = row_weights(read.y, read.targets, arguments.class_weight, train.weight)
    if arguments.validation_data is not None:
        x, y, of_rows = pair(arguments.validation_data)
        rest = raw_rows(x, y, inputs, dtype, of_rows)
    return FitData(
        card=msgspec.structs.replace(card, network=network, inputs=inputs, targets=read.targets),
        decided=what,
        rows=Rows(contiguous(images, dtype), read.y, weight),
        validation=None if rest is None else rows_of(network, inputs, read.targets, rest),
        shape=train.images.shape[1:],
    )


def network_for(start: BeforeFit, one: RawRows) -> Network:
    """Return a model's network for the task of these rows."""
    return _network_under(start, _decided(start, one))


def _decided(start: BeforeFit, one: RawRows) -> Decided:
    network, wanted = start.card.network, start.requested.task
    if start.knows_targets or wanted != AUTO:
        return Decided(network.task, "it was asked for")
    if one.task and not (one.task == "classes" and network.outputs == 1):
        return Decided(one.task, "the rows say so")
    words = start.requested.words
    return decided(one.y, network.outputs, words.get("loss"), str(words.get("output") or ""))


def _network_under(start: BeforeFit, what: Decided) -> Network:
    """Return the network for the task that was decided on."""
    network = start.card.network
    return network if network.task == what.name else start.requested.network(what.name)


def _divided(one: RawRows, arguments: FitArguments, seed: int) -> tuple[RawRows, RawRows | None]:
    """Return the training rows, and those that are held out of them."""
    if not arguments.validation_split:
        return one, None
    if arguments.validation_data is not None:
        raise SettingError("give validation_data or validation_split, not both")
    chosen = held_out_mask(len(one.images), arguments.validation_split, seed)
    return one.of(~chosen), one.of(chosen)


def _first_inputs(start: BeforeFit, train: RawRows) -> tuple[np.ndarray, Inputs]:
    """Return training rows redrawn, and what is known of inputs after them."""
    inputs, network, own = start.card.inputs, start.card.network, train.images.shape[1:]
    # Flat rows that come later are pictures of the sides that are known.
    is_known = start.knows_targets and inputs.pictures and inputs.sides
    if len(network.input_shape) == 1 and not is_known:
        inputs = msgspec.structs.replace(inputs, shape=own)
    if start.knows_targets:
        # What the first rows decided stays: the weights have grown used to it.
        return redrawn_inputs(inputs, train.images), inputs
    images = inputs.redrawn(train.images)
    return images, msgspec.structs.replace(
        inputs,
        preparation=Preparation.of(start.requested.preparation, images),
        reading=train.reading or inputs.reading,
        range=Range.of(train.images),
    )


def _read_targets(
    start: BeforeFit, network: Network, one: RawRows, train: RawRows, names: Sequence[str] | None
) -> Read:
    """Return the training targets: names from all rows, moments from the training rows alone."""
    task, outputs = network.task_type, network.outputs
    known = start.card.targets if start.knows_targets else None
    if names is not None:
        known = _named_targets(start, network, names)
    found = task.read(one.y, one.names, known, outputs)
    if train is one:
        return found
    return task.read(train.y, train.names, None if found.targets.means else found.targets, outputs)


def _named_targets(start: BeforeFit, network: Network, classes: Sequence[str]) -> Targets:
    if isinstance(classes, str):
        raise SettingError(f"fit(classes=...) is {classes!r}; give a list of names")
    names = tuple(map(str, classes))
    if network.task == "values":
        raise SettingError("fit(classes=[...]) is for classes and labels; these are values")
    if start.knows_targets and names != start.card.targets.names:
        raise SettingError(
            f"the outputs have names already: {listed(start.card.targets.names)}; leave out "
            "classes, or make a new model"
        )
    made = Targets(names)
    if network.task_type.fault_of(made, network.outputs):
        wanted = len(network.task_type.unnamed(network.outputs).names)
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
        steps = batch_count(rows, training.batch_size) * training.epochs
    visits = min(visits, steps * training.batch_size)
    times = networks * training.passes
    found = choose(engine, visits=times * visits, steps=times * steps, work=work(card.network))
    check_layers(found.name, card.network)
    return found
