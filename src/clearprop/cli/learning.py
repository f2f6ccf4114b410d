"""Learn a recipe: the network it asks for, the rows, and what came of them."""

from __future__ import annotations

import difflib
import inspect
import time
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from clearprop.cli.console import note
from clearprop.errors import DataError, SettingError, in_one_line
from clearprop.tasks import AUTO, FIGURES, TASKS
from clearprop.tasks.matching import renumbered
from clearprop.training.callbacks import Callback

if TYPE_CHECKING:
    from clearprop.data import Dataset, Split
    from clearprop.insight.findings import Finding
    from clearprop.model import MLP
    from clearprop.recipes import Recipe
    from clearprop.training import Checkpoints, Evaluation, Fit, History
    from clearprop.training.progress import Progress


# A picture of 128×128; beyond it the first layer alone would have millions of weights.
MOST_INPUTS = 16_384


class Prepared(NamedTuple):
    """A recipe with all that it needs: the network, the data, its own rows of them.

    Attributes:
        recipe: the recipe.
        model: its network.
        data: its data set.
        train: the rows it learns from.
        held_out: its validation rows; None where it has none.
    """

    recipe: Recipe
    model: MLP
    data: Dataset
    train: Split
    held_out: Split | None

    def shown(self) -> tuple[str, Split]:
        """Return the rows to show, the least known to the network that there are, and their name.

        They bear the names of the network's outputs, of which there may be more than of theirs.
        """
        what, rows = "training", self.train
        if self.held_out is not None:
            what, rows = "validation", self.held_out
        if self.data.test is not None:
            what, rows = "test", self.data.test
        if rows.task != "classes":
            return what, rows
        known = self.model.classes
        return what, replace(
            rows, labels=renumbered(rows.labels, rows.classes, known), classes=known
        )


class Learned(NamedTuple):
    """What came of a training.

    Attributes:
        prepared: what was trained; its model is trained now.
        history: of the training.
        validation: how good the network is on the validation rows; None where there are none.
        test: how good it is on the test rows; None where there are none.
        seconds: wall time of the training.
        interrupted: whether Ctrl-C ended it.
        resumed_from: the step that it went on from; 0 where it began.
        steps: how many it made in all; 0 where nobody counted them.
        findings: what looks wrong with its rows and with the training.
    """

    prepared: Prepared
    history: History
    validation: Evaluation | None
    test: Evaluation | None
    seconds: float
    interrupted: bool
    resumed_from: int = 0
    steps: int = 0
    findings: tuple[Finding, ...] = ()


def default_recipe(data: str) -> Recipe:
    """Return the recipe for a data set without one: Adam, the best epoch kept; see `fitted`."""
    from clearprop.recipes import Recipe
    from clearprop.recipes.recipe import Data, Fit

    rows, title = Data(data, validation=0.1), "a sensible network"
    return Recipe(title, rows, {"engine": "auto"}, fit=Fit(epochs=10))


def fitted(recipe: Recipe, data: Dataset) -> Recipe:
    """Return a default recipe under its data's name, with layers that fit: two hidden ones.

    Raises:
        DataError: so many inputs that a network of this kind is the wrong one.
    """
    features = data.train.images[0].size
    if features > MOST_INPUTS and "layers" not in recipe.model:
        raise DataError(
            f"{data.name} has {features:,} numbers a row, more than {MOST_INPUTS:,}: resize its "
            'pictures with --set size=[28,28], or choose layers with --set "layers=[...]"'
        )
    layers = {"layers": [features, 128, 64, _outputs(data)[0]]}
    title = f"a sensible network for {data.name}"
    return msgspec.structs.replace(recipe, name=data.name, title=title, model=layers | recipe.model)


def load_rows(recipe: Recipe, data_dir: str | None, offline: bool, quiet: bool) -> Dataset:
    """Return a recipe's data set."""
    from clearprop.data import load

    name, size = recipe.data.name, recipe.data.size
    task = str(recipe.model.get("task", AUTO))
    return load(name, size=size, data_dir=data_dir, offline=offline or None, quiet=quiet, task=task)


def build_model(recipe: Recipe, task: str = AUTO) -> MLP:
    """Return the untrained network of a recipe.

    Args:
        recipe: the recipe.
        task: what it is asked for, unless the recipe says so.

    Raises:
        SettingError: a key of its [model] table is no keyword of `MLP`.
    """
    from clearprop.model import MLP

    allowed = list(inspect.signature(MLP).parameters)
    for key in recipe.model:
        if key not in allowed:
            close = difflib.get_close_matches(key, allowed, n=1)
            hint = f"did you mean {close[0]!r}? " if close else ""
            shown = in_one_line(repr(key), 100)
            raise SettingError(f"unknown key {shown}: {hint}known are {', '.join(sorted(allowed))}")
    if "layers" not in recipe.model:
        raise SettingError(f"recipe {recipe.name} lacks model.layers, as [784, 128, 10]")
    return MLP(**{"task": task, **recipe.model})


def prepare(recipe: Recipe, data: Dataset) -> Prepared:
    """Return a recipe with its network and its rows of a data set.

    Raises:
        DataError: the rows do not fit the recipe's network.
    """
    from clearprop.recipes import divided
    from clearprop.recipes.changes import as_toml

    model = build_model(recipe)
    # The rows say what the network is asked for; one output is asked for yes or no.
    is_single = data.train.task == "classes" and model.network.outputs == 1
    if len(data.train.classes) == 2 or not is_single:
        model = build_model(recipe, "labels" if is_single else data.train.task)
    network, features, outputs = model.network, data.train.images[0].size, _outputs(data)
    if network.features != features or network.outputs not in outputs:
        fit = as_toml([features, *recipe.model["layers"][1:-1], outputs[0]])
        raise DataError(
            f"{data.name} has {features:,} numbers a row and {targets_of(data.train)}, but the "
            f"network has {network.features:,} inputs and {network.outputs} outputs; make them "
            f"fit: --set 'layers={fit}'"
        )
    return Prepared(recipe, model, data, *divided(recipe, data))


def targets_of(rows: Split) -> str:
    """Return what rows have as targets, as "10 classes"."""
    count = len(rows.classes) if rows.labels.ndim == 1 else rows.labels.shape[1]
    return TASKS[rows.task].counted(count)


def _outputs(data: Dataset) -> tuple[int, ...]:
    """Return how many outputs rows fit, the usual number first."""
    if data.train.task != "classes":
        return (data.train.labels.shape[1],)
    count = len(data.train.classes)
    # Yes and no are two outputs, or a single one.
    return (count, 1) if count == 2 else (count,)


def learn(
    prepared: Prepared, progress: Progress, checkpoints: Checkpoints | None = None
) -> Learned:
    """Train a network; Ctrl-C ends it with the best network so far."""
    from clearprop.insight import RunDiagnosis, data_findings
    from clearprop.training import History, KeepBest

    model, fit, quiet = prepared.model, prepared.recipe.fit, progress.stream is None
    of_rows = data_findings(prepared.train, prepared.data.test)
    for finding in of_rows:
        note(f"diagnosis: {finding}", quiet)
    diagnosis = RunDiagnosis(lambda text: None if quiet else progress.say(f"diagnosis: {text}"))
    callbacks = [_SayBeginning(model, checkpoints, quiet), progress, diagnosis]
    if prepared.held_out is not None and fit.keep_best:
        callbacks.insert(0, KeepBest())
    if checkpoints is not None:
        callbacks.append(checkpoints)
    began, history = time.perf_counter(), History()
    try:
        history = model.fit(
            prepared.train,
            validation_data=prepared.held_out,
            epochs=fit.epochs,
            steps=fit.steps,
            batch_size=fit.batch_size,
            callbacks=callbacks,
        )
    except KeyboardInterrupt:
        if model.history is None or (checkpoints is not None and checkpoints.cut):
            raise
        history = model.history
    seconds = time.perf_counter() - began
    validation, test = (
        None if rows is None else model.evaluate(rows)
        for rows in (prepared.held_out, prepared.data.test)
    )
    counts = (checkpoints.resumed_from, checkpoints.steps) if checkpoints else (0, 0)
    findings = (*of_rows, *diagnosis.findings)
    return Learned(
        prepared, history, validation, test, seconds, history.interrupted, *counts, findings
    )  # fmt: skip


class _SayBeginning(Callback):
    """Says on which engine a training begins, and from which step."""

    def __init__(self, model: MLP, checkpoints: Checkpoints | None, quiet: bool) -> None:
        self.model, self.checkpoints, self.quiet, self.told = model, checkpoints, quiet, False

    def before_fit(self, fit: Fit) -> None:
        if self.model.chosen is not None:
            note(f"engine: {self.model.chosen.name} ({self.model.chosen.why})", self.quiet)
        if fit.network.task != "classes":
            note(f"task: {fit.network.task}, {fit.network.asked.asks}; judged by "
                 f"{FIGURES[fit.network.asked.judge].title}", self.quiet)  # fmt: skip

    def before_epoch(self, fit: Fit) -> None:
        if self.checkpoints is not None and self.checkpoints.resumed_from and not self.told:
            note(f"going on from step {self.checkpoints.resumed_from:,}", self.quiet)
        self.told = True
